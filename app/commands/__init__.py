"""The command line: the same children as the window, without a window."""
