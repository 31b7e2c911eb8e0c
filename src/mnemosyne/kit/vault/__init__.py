"""One person's vault on disk: its home, the ways into it, who uses it, and whose it is."""
