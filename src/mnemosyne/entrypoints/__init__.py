"""The places that start something."""
