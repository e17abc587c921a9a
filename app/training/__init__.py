"""How the built-in model is made: synthetic data and the two-stage recipe."""
