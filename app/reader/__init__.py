"""Strangers' files become clean pictures, and pictures become text. No torch, no Qt."""
