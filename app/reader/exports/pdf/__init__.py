"""The searchable PDF and its parts."""
