"""What run.py does before the program can start. Standard library only."""
