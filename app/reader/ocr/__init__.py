"""The networks: where text is in a picture, and what it says."""
