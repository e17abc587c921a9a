"""A prompt to an answer, token by token."""
