"""Memories: capture, enrichment, import, search, supersede, forget, erase."""
