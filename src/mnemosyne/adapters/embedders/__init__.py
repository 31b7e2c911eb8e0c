"""Embedders: text to vectors, on this machine."""
