"""The picture on the screen, its pages and what is found in it."""
