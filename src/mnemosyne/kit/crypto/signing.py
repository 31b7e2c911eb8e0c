"""Ed25519 signatures (RFC 8032)."""

import re
from dataclasses import dataclass, field
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.multikey import check_point
from mnemosyne.kit.errors import MnemosyneError


class BadSignatureError(MnemosyneError):
    """A signature does not belong to this text and this key."""

    code = "bad-signature"

    def __init__(self, public: bytes) -> None:
        super().__init__(
            "the signature does not match",
            why="What was signed has been changed, or another key signed it.",
            hint=f"Get it again from its source; the expected key is {fingerprint(public)}.",
        )
        self.public = public


class Signer(Protocol):
    """What signs with a private key that does not come out."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of ``message``."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key: 32 bytes that never show in a representation."""

    private: bytes = field(repr=False)

    def __post_init__(self) -> None:
        self._key()  # refuses any other length here rather than at the first signature

    @classmethod
    def generate(cls) -> Self:
        """Return a fresh random key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._key().public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of ``message``."""
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.private)


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check that ``signature`` of ``message`` was made with the private half of ``public``.

    Raises:
        BadSignatureError: it was not.
        BadPublicKeyError: ``public`` is no sound key, so no signature under it means anything.
    """
    check_point(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise BadSignatureError(public) from error


def fingerprint(public: bytes) -> str:
    """Return what people compare aloud: 128 bits of SHA-256 in eight groups of four hex digits."""
    return " ".join(re.findall("....", sha256(public)[:16].hex()))
