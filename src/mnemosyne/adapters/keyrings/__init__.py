"""Keyrings of operating systems."""
