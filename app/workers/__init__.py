"""Child processes, the pipes to them, and the way back into asyncio. QtCore only."""
