"""Moments as the API reads and writes them: RFC 3339 §5.6, one form in and one form out.

A date without an hour, or an hour without an offset, could be two moments: neither is taken.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_SCHEMA: Final = {
    "type": "string",
    "format": "date-time",
    "examples": ["2025-03-12T14:05:00Z"],
}
_LEAP_SECOND: Final = 60
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def read(text: object) -> datetime:
    """Read a moment with its offset; digits beyond a microsecond are dropped.

    Raises:
        ValueError: it is none.
    """
    found = _RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        message = "a moment is written as RFC 3339 has it: 2025-03-12T14:05:00Z"
        raise ValueError(message)
    day, minute, second, fraction, offset = found.groups()
    leaps = int(second) == _LEAP_SECOND  # the second that some minutes have more
    micro = (fraction or "").ljust(6, "0")[:6]
    zone = "+00:00" if offset in "Zz" else offset
    shown = f"{day}T{minute}:{59 if leaps else second}.{micro}{zone}"
    return _after_leap(datetime.fromisoformat(shown)) if leaps else datetime.fromisoformat(shown)


def _after_leap(moment: datetime) -> datetime:
    """Return the second after one, for the one that clocks without leap seconds do not have.

    Raises:
        ValueError: the calendar ends there.
    """
    try:
        return moment + timedelta(seconds=1)
    except OverflowError as error:
        message = "the calendar ends before this moment"
        raise ValueError(message) from error


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; what an offset puts beyond the calendar is its first or last."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST


def write(moment: datetime) -> str:
    """Return a moment in UTC, as exactly as it is kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def offset_of(moment: datetime) -> int | None:
    """Return the offset a moment was written with, in minutes; None for “Z”, which says none."""
    offset = moment.utcoffset()
    if offset is None or moment.tzinfo in {UTC, timezone(timedelta())}:
        return None
    return int(offset.total_seconds() // 60)


Given = Annotated[datetime, BeforeValidator(read), WithJsonSchema(_SCHEMA)]
"""A moment that was sent, with the offset it was written with."""
GivenUtc = Annotated[
    datetime, AfterValidator(in_utc), BeforeValidator(read), WithJsonSchema(_SCHEMA)
]
"""A moment that was sent, in UTC."""
At = Annotated[
    datetime,
    PlainSerializer(write, return_type=str, when_used="json"),
    WithJsonSchema(_SCHEMA, mode="serialization"),
]
"""A moment that is answered with."""
