"""Keys from a seed along a path: SLIP-0010 for Ed25519, where every step is hardened."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

_CURVE: Final = b"ed25519 seed"
_HARDENED: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class ExtendedKey:
    """A private key together with the chain code from which its children follow."""

    private: bytes = field(repr=False)
    chain_code: bytes = field(repr=False)

    def child(self, index: int) -> "ExtendedKey":
        """Return the hardened child ``index'``.

        Raises:
            ValueError: an index is below 2^31; the bit above it says that it is hardened.
        """
        if not 0 <= index < _HARDENED:
            raise ValueError("an index of a derivation path is below 2^31")
        data = b"\x00" + self.private + (index | _HARDENED).to_bytes(4, "big")
        return _split(hmac.digest(self.chain_code, data, hashlib.sha512))


def derive_ed25519(seed: bytes, path: Sequence[int]) -> ExtendedKey:
    """Return the key at ``path`` below ``seed``: ``(7101, 0, 0)`` means m/7101'/0'/0'."""
    key = _split(hmac.digest(_CURVE, seed, hashlib.sha512))
    for index in path:
        key = key.child(index)
    return key


def _split(digest: bytes) -> ExtendedKey:
    return ExtendedKey(private=digest[:32], chain_code=digest[32:])
