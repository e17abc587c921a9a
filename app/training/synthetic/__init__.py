"""Documents and scenes that nobody wrote, with questions and their right answers."""
