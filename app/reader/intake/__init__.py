"""Strangers' files become pages: sniffed, bounded, decoded."""
