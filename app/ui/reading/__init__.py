"""The read text beside the picture."""
