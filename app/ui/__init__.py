"""Widgets, and nothing else."""
