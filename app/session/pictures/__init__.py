"""Files on their way into the picture store."""
