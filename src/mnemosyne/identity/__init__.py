"""Who somebody is: the log of a did:mnem, its keys, documents, cards and resolution."""
