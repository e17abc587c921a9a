"""What every part of the window shares."""
