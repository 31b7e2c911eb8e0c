"""Real implementations of the features' ports."""
