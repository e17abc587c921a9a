"""Which models exist and what of them is on this disk. No torch, no Qt."""
