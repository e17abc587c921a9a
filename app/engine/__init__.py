"""The models themselves: the only importer of torch beside training. No Qt."""
