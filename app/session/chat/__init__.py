"""The conversation on the screen, and its answers."""
