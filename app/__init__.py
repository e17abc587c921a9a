"""Ocellus: ask a local LLaVA model about a picture."""

__version__ = "0.1.0"
