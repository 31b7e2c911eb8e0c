"""Secrets that whoever holds them may use: made at random, kept as a hash, known by their shape.

``prefix`` ‖ base64url(32 random bytes ‖ the first 4 bytes of SHA-256(prefix ‖ random)). The check
bytes let a scanner of files tell a real one from a look-alike, and a typing error is refused
before anything is looked up. They add no strength: that lies in the 256 random bits.
"""

import base64
import binascii
import secrets
from typing import Final

from mnemosyne.kit.crypto.digests import sha256

_RANDOM: Final = 32
_CHECK: Final = 4
_CHARACTERS: Final = 48  # of base64url, which 36 bytes fill without padding or spare bits


def new_secret(prefix: str) -> str:
    """Return a fresh secret of 256 random bits."""
    random = secrets.token_bytes(_RANDOM)
    encoded = base64.urlsafe_b64encode(random + _check(prefix, random))
    return prefix + encoded.decode("ascii")


def digest_of(secret: str, prefix: str) -> bytes | None:
    """Return what is kept of a secret, 32 bytes, or None where the text cannot be one."""
    encoded = secret.removeprefix(prefix)
    if len(encoded) != _CHARACTERS or len(secret) != len(prefix) + _CHARACTERS:
        return None
    try:
        decoded = base64.b64decode(encoded.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    random, check = decoded[:_RANDOM], decoded[_RANDOM:]
    if check != _check(prefix, random):
        return None
    # A plain hash is enough: nobody guesses 256 random bits.
    return sha256(secret.encode("ascii"))


def _check(prefix: str, random: bytes) -> bytes:
    return sha256(prefix.encode("ascii") + random)[:_CHECK]
