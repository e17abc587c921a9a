"""The words that every other part speaks. Standard library only."""
