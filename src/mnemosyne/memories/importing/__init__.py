"""Importing: files of a person's past become memories, and nothing of them is lost silently."""
