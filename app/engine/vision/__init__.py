"""Pictures to what the decoder reads of them."""
