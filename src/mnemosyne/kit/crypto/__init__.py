"""Cryptographic building blocks without knowledge of vaults: digests, signatures, streams."""
