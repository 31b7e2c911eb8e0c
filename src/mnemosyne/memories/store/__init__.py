"""The SQL of the memory feature: one module a table family, every statement scoped by owner."""
