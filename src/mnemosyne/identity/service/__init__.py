"""Use cases of identity: one's own DID, its recovery, and the DIDs of others."""
