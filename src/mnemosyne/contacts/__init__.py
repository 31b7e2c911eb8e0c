"""A person's people: names and aliases, given, imported or confirmed by the person."""
