"""The people of this node."""
