"""Walls around the children: no network, and for the reader no foreign files."""
