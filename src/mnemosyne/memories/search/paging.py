"""Pages of hits: a cursor names what was shown, so that no hit comes twice though scores move."""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from mnemosyne.memories.errors import MalformedCursorError

_LARGEST: Final = 65_536  # bytes of a cursor unpacked: far more than any list of hits
_DIGEST: Final = 8


def encode_shown(question: str, shown: Iterable[int]) -> str:
    """Return the cursor that follows the hits ``shown`` to ``question``."""
    numbers = sorted(shown)
    steps = numbers[:1] + [after - before for before, after in pairwise(numbers)]
    data = json.dumps([_digest(question), *steps], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode("ascii").rstrip("=")


def decode_shown(question: str, cursor: str) -> frozenset[int]:
    """Return the numbers of the memories that were shown before ``cursor``.

    Raises:
        MalformedCursorError: it is none, or of another question.
    """
    if not cursor:
        return frozenset()
    try:
        packed = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True
        )
        data = json.loads(zlib.decompressobj().decompress(packed, _LARGEST))
        digest, *steps = data
        numbers, last = set(), 0
        for step in steps:
            last += int(step)
            numbers.add(last)
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError) as error:
        raise MalformedCursorError from error
    if digest != _digest(question):
        raise MalformedCursorError
    return frozenset(numbers)


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:_DIGEST]
