"""The main window, its frame and what is dropped on it."""
