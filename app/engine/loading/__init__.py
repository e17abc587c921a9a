"""A checkpoint folder to a model in memory."""
