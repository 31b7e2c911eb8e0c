"""Pages of a list: a cursor names the last row, so nothing is lost or repeated between pages.

It is sealed before anybody gets it: the number of a row is counted over the whole node.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from mnemosyne.memories.errors import MalformedCursorError

T = TypeVar("T")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_NUMBERS: Final = 2**63
_DIGITS: Final = 19  # of the largest of them


class Order(StrEnum):
    """How a list is sorted; ties are broken by the internal number."""

    TIME = "time"
    OLDEST = "oldest"
    IMPORTANCE = "importance"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, and the cursor of the next part or ""."""

    items: Sequence[T]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: what it is sorted by, and its number."""

    order: Order
    value: float
    seq: int

    def could_be(self) -> bool:
        """Return whether a row could stand there: a database refuses numbers beyond its own."""
        low, high = (0, 1) if self.order is Order.IMPORTANCE else (_FIRST, _LAST)
        return low <= self.value <= high and 0 <= self.seq < _NUMBERS

    def encode(self) -> bytes:
        """Return the cursor as a few bytes, no more of them for a larger number."""
        number = f"{self.seq:0{_DIGITS}d}"
        return json.dumps([self.order, self.value, number], separators=(",", ":")).encode()


def decode_cursor(data: bytes, order: Order) -> Cursor:
    """Read a cursor of a list in ``order``.

    Raises:
        MalformedCursorError: it is none, or of another order.
    """
    try:
        written, value, seq = json.loads(data)
        cursor = Cursor(Order(written), value + 0, int(seq))
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise MalformedCursorError from error
    if cursor.order is not order or not cursor.could_be():
        raise MalformedCursorError
    return cursor
