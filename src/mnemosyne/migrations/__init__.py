"""What happened to the tables, in order."""
