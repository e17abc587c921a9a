"""Documents and their pages."""
