"""Questions and answers, and the list of conversations."""
