"""Pages of hits: a cursor names what was shown, so that no hit comes twice though scores move.

It is sealed before anybody gets it: the numbers of memories are counted over the whole node.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import Final

from mnemosyne.memories.errors import MalformedCursorError

_DIGEST: Final = 8
_NUMBER: Final = 8  # bytes, whatever its size
_NUMBERS: Final = 2**63  # a database has no larger ones
_MOST: Final = 1_000  # numbers in a cursor: more than a list of hits is ever deep


def encode_shown(question: str, shown: Iterable[int]) -> bytes:
    """Return the cursor that follows the hits ``shown`` to ``question``."""
    numbers = sorted(shown)
    return _digest(question) + struct.pack(f">{len(numbers)}Q", *numbers)


def decode_shown(question: str, cursor: bytes) -> frozenset[int]:
    """Return the numbers of the memories that were shown before ``cursor``.

    Raises:
        MalformedCursorError: it is none, or of another question.
    """
    digest, packed = cursor[:_DIGEST], cursor[_DIGEST:]
    count, rest = divmod(len(packed), _NUMBER)
    if digest != _digest(question) or rest or count > _MOST:
        raise MalformedCursorError
    numbers = frozenset(struct.unpack(f">{count}Q", packed))
    if any(number >= _NUMBERS for number in numbers):
        raise MalformedCursorError
    return numbers


def _digest(question: str) -> bytes:
    return hashlib.sha256(question.encode("utf-8", "replace")).digest()[:_DIGEST]
