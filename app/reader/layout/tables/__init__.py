"""Tables: told by rules, by the white between words, and by what stands in their columns."""
