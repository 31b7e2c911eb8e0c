"""Operations of identity: a person’s DID, those of others, and the resolver."""
