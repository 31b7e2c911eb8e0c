"""Ed25519 public keys as text: Multikey ``z6Mk…`` and ``did:key:z6Mk…``, strict in both directions.

One key has one spelling. Keys of small order are refused, since under them one fixed signature
verifies any message, and so are encodings that are not canonical or not on the curve.
"""

import re
from typing import Final

import base58

from mnemosyne.kit.errors import MnemosyneError

_ED25519_PUBLIC: Final = b"\xed\x01"  # multicodec ed25519-pub as a varint
_DID_KEY: Final = "did:key:"
# 34 bytes that start with ed01 always give 47 digits of base58btc, the first three "6Mk". The fixed
# length also bounds the work: base58 decoding is quadratic.
_MULTIKEY: Final = re.compile(r"z6Mk[1-9A-HJ-NP-Za-km-z]{44}")

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
# The y of every point of order 1, 2, 4 and 8.
_SMALL_ORDER_Y: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    }
)


class BadPublicKeyError(MnemosyneError):
    """A text or some bytes are not a sound Ed25519 public key."""

    code = "bad-public-key"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "this is not a usable Ed25519 public key",
            why=f"{reason}.",
            hint="Copy the key again from its source, whole and unchanged.",
        )
        self.reason = reason


def encode_multikey(public: bytes) -> str:
    """Return ``public`` as a Multikey, 48 characters that start with ``z6Mk``.

    Raises:
        BadPublicKeyError: it is no sound point.
    """
    check_point(public)
    return "z" + base58.b58encode(_ED25519_PUBLIC + public).decode("ascii")


def decode_multikey(text: str) -> bytes:
    """Return the 32 bytes of the Ed25519 key written as ``text``.

    Raises:
        BadPublicKeyError: another kind of key, another spelling, or no sound point.
    """
    if not _MULTIKEY.fullmatch(text):
        raise BadPublicKeyError("It is not the letters z6Mk followed by 44 base58 characters")
    data = base58.b58decode(text[1:])
    public = data.removeprefix(_ED25519_PUBLIC)
    if len(public) != 32 or encode_multikey(public) != text:  # noqa: PLR2004 - RFC 8032 §5.1.5
        raise BadPublicKeyError("It does not hold the 32 bytes of an Ed25519 key")
    return public


def encode_did_key(public: bytes) -> str:
    """Return ``public`` as a ``did:key``."""
    return _DID_KEY + encode_multikey(public)


def decode_did_key(did: str) -> bytes:
    """Return the 32 bytes of the key that ``did`` names.

    Raises:
        BadPublicKeyError: not a did:key of a sound Ed25519 key; a fragment is refused too.
    """
    if not did.startswith(_DID_KEY):
        raise BadPublicKeyError("It does not start with did:key:")
    return decode_multikey(did.removeprefix(_DID_KEY))


def check_point(public: bytes) -> None:
    """Refuse bytes that are not a canonical point of large order (RFC 8032 §5.1.3).

    Raises:
        BadPublicKeyError: why they are not.
    """
    if len(public) != 32:  # noqa: PLR2004 - RFC 8032 §5.1.5
        raise BadPublicKeyError("It does not have 32 bytes")
    y = int.from_bytes(public, "little") & ~(1 << 255)
    if y >= _P:
        raise BadPublicKeyError("Its number is too large for the field")
    if y in _SMALL_ORDER_Y:
        raise BadPublicKeyError("It is a point of small order, under which anybody can sign")
    numerator, denominator = (y * y - 1) % _P, (_D * y * y + 1) % _P
    if pow(numerator * denominator, (_P - 1) // 2, _P) != 1:  # Euler: x² must be a square
        raise BadPublicKeyError("It is not a point of the curve")
