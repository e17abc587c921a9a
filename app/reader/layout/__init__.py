"""Lines become a page: order, blocks, lists, code and tables."""
