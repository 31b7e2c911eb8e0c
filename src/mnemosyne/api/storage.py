"""How the storage can refuse an operation, whatever it is about."""

from typing import Final

READING: Final = ("database-busy", "read-too-long")
WRITING: Final = (*READING, "storage-full", "commit-unknown", "record-gone")
"""Whoever writes is recorded, and is refused where they were erased meanwhile."""
