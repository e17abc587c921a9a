"""Other layouts and precisions of a checkpoint, written to disk."""
