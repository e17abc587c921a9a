"""What read text is and becomes. Standard library only."""
