"""What happened, durably: the outbox, the log of changes, and the one process that works on it."""
