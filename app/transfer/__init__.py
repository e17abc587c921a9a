"""Getting a model from the hub: the only part of the program that opens sockets."""
