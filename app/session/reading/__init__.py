"""The text of pictures: read, compared, saved."""
