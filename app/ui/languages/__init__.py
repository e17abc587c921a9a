"""The choice of languages that text is read in."""
