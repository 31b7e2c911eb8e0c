"""Hashes, with and without a key."""

import base64
import hashlib
import hmac

_SHA2_256_MULTIHASH = b"\x12\x20"  # multicodec sha2-256, then the length of the digest


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest of ``data``."""
    return hashlib.sha256(data).digest()


def keyed_hash(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SHA-256 of ``data``: without the key, no guess can be checked."""
    return hmac.digest(key, data, hashlib.sha256)


def multihash(data: bytes) -> str:
    """Return the SHA-256 multihash of ``data`` as multibase base32: ``bciq…``, 56 characters."""
    encoded = base64.b32encode(_SHA2_256_MULTIHASH + sha256(data))
    return "b" + encoded.decode("ascii").rstrip("=").lower()
