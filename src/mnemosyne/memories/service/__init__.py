"""The use cases of memories, one class for each group of verbs."""
