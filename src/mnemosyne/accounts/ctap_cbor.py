"""The CBOR that authenticators write (CTAP 2.1 §8): nothing deep, nothing tagged, lengths stated.

A general decoder follows tags into dates, decimals and references, and nests as deep as it is
told to. Authenticators write none of that, so it is refused before such a decoder looks.
"""

from typing import Final

DEEPEST: Final = 4
_SMALL: Final = 23
_LENGTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)


class CborRefusedError(Exception):
    """Bytes are not what an authenticator may write."""


def check(data: bytes, items: int = 1) -> None:
    """Refuse ``data`` unless it is exactly ``items`` plain CBOR items, one after the other.

    Raises:
        CborRefusedError: it is cut short, goes on, nests deeper, or has a tag or an open length.
    """
    place = 0
    open_items = [items]  # how many are still to come, at each depth
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            continue
        open_items[-1] -= 1
        kind, value, place = _head(data, place)
        if kind in {_BYTES, _TEXT}:
            place += value
        elif kind in {_ARRAY, _MAP}:
            open_items.append(value * (2 if kind == _MAP else 1))
        if place > len(data) or len(open_items) > DEEPEST + 1:
            raise CborRefusedError
    if place != len(data):
        raise CborRefusedError


def _head(data: bytes, place: int) -> tuple[int, int, int]:
    """Return the kind of the item at ``place``, its number or length, and where it goes on."""
    if place >= len(data):
        raise CborRefusedError
    kind, short = data[place] >> 5, data[place] & 0x1F
    if kind == _TAG or (short > _SMALL and short not in _LENGTHS):
        raise CborRefusedError
    size = _LENGTHS.get(short, 0)
    after = place + 1 + size
    if after > len(data):
        raise CborRefusedError
    return kind, int.from_bytes(data[place + 1 : after], "big") if size else short, after
