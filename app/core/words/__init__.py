"""What is said in many places, said the same way: sizes, devices, hashes, addresses."""
