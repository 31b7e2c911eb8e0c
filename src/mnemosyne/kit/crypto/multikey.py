"""Public keys as text, strict in both directions: one key has one spelling.

Ed25519 is ``z6Mk…`` and ``did:key:z6Mk…``. Keys of small order are refused, since under them one
fixed signature verifies any message, and so are encodings that are not canonical or not on the
curve. X25519 is ``z6LS…``, without the points under which every secret is the same.
"""

import re
from functools import lru_cache
from typing import Final

import base58

from mnemosyne.kit.errors import MnemosyneError

_ED25519_PUBLIC: Final = b"\xed\x01"  # multicodec ed25519-pub as a varint
_X25519_PUBLIC: Final = b"\xec\x01"  # multicodec x25519-pub as a varint
_DID_KEY: Final = "did:key:"
# 34 bytes that start with ed01 always give 47 digits of base58btc, the first three "6Mk". The fixed
# length also bounds the work: base58 decoding is quadratic.
_MULTIKEY: Final = re.compile(r"z6Mk[1-9A-HJ-NP-Za-km-z]{44}")
_AGREEMENT_KEY: Final = re.compile(r"z6LS[1-9A-HJ-NP-Za-km-z]{44}")

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
# The u of every point of small order, on the curve and on its twist (RFC 7748 §6.1).
_SMALL_ORDER_U: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
        0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
    }
)


class BadPublicKeyError(MnemosyneError):
    """A text or some bytes are not a sound public key."""

    code = "bad-public-key"

    def __init__(self, reason: str, kind: str = "Ed25519") -> None:
        super().__init__(
            f"this is not a usable {kind} public key",
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


@lru_cache(maxsize=4096)  # the keys of a log recur in entry after entry; an error is not kept
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


def encode_agreement_key(public: bytes) -> str:
    """Return an X25519 key as a Multikey, 48 characters that start with ``z6LS``.

    Raises:
        BadPublicKeyError: no sound key.
    """
    _check_agreement_point(public)
    return "z" + base58.b58encode(_X25519_PUBLIC + public).decode("ascii")


@lru_cache(maxsize=4096)
def decode_agreement_key(text: str) -> bytes:
    """Return the 32 bytes of the X25519 key written as ``text``.

    Raises:
        BadPublicKeyError: another kind of key, another spelling, or no sound key.
    """
    if not _AGREEMENT_KEY.fullmatch(text):
        reason = "It is not the letters z6LS followed by 44 base58 characters"
        raise BadPublicKeyError(reason, "X25519")
    public = base58.b58decode(text[1:]).removeprefix(_X25519_PUBLIC)
    if len(public) != 32 or encode_agreement_key(public) != text:  # noqa: PLR2004 - RFC 7748 §5
        raise BadPublicKeyError("It does not hold the 32 bytes of an X25519 key", "X25519")
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


@lru_cache(maxsize=4096)
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


def _check_agreement_point(public: bytes) -> None:
    if len(public) != 32:  # noqa: PLR2004 - RFC 7748 §5
        raise BadPublicKeyError("It does not have 32 bytes", "X25519")
    u = int.from_bytes(public, "little")
    if u >= _P:
        # RFC 7748 §5 lets a receiver reduce it; then one key would have several spellings.
        raise BadPublicKeyError("Its number is too large for the field", "X25519")
    if u in _SMALL_ORDER_U:
        raise BadPublicKeyError(
            "It is a point of small order, with which every secret is the same", "X25519"
        )
