"""Find dates in a free text or a question, relative to a moment.

A small grammar in linear time, English first. A word that is also a verb or a name ("may",
"march") counts only beside a number or after a word that makes it a month. Phrases in other
languages are understood as far as their months and days go; a general date library was tried and
left out: it takes “may”, “march” and the 22 April in “end of April” for dates.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Final

from mnemosyne.memories.enrichment import date_context as context
from mnemosyne.memories.enrichment import date_ranges as ranges
from mnemosyne.memories.enrichment.date_atoms import Atom, Kind, atoms, lowered
from mnemosyne.memories.enrichment.date_context import Found
from mnemosyne.memories.model import Precision

# A megabyte of nothing but dates took over a minute, and somebody else may have written it. What
# is read of a text is a book of forty pages, whole.
_BEGINNING: Final = 64 * 1024
_END: Final = 16 * 1024
_MOST: Final = 1_000
_SEAM: Final = 64  # characters, beside which a date may have lost a part


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in ``text[start:end]``: from ``after`` up to, not including, ``before``, in UTC.

    ``precision`` is that of the words: “last week” is known to the day, “early June” and “last
    summer” to the month, “the 1990s” to the year.
    """

    start: int
    end: int
    after: datetime
    before: datetime
    precision: Precision


def find(
    text: str, anchor: datetime, zone: tzinfo = UTC, *, nearest: bool = False
) -> tuple[DateMention, ...]:
    """Return the dates in ``text`` in order, read by someone in ``zone`` at the moment ``anchor``.

    A date without a year is the latest that has begun, for a question asks about what was; with
    ``nearest`` the closest one, for a text also speaks of what is to come. Seasons are those north
    of the equator. Two-sided numbers such as 03/04/2025 are not guessed at. Of a text beyond 80 KiB
    the beginning and the end are read, and a thousand dates of each at most.
    """
    if len(text) <= _BEGINNING + _END:
        return _found(text, anchor, zone, nearest=nearest)
    first, last = text[:_BEGINNING], text[-_END:]
    early = _found(first, anchor, zone, nearest=nearest)
    late = _found(last, anchor, zone, nearest=nearest)
    away = len(text) - _END
    return (
        *(one for one in early if one.end <= len(first) - _SEAM),
        *(
            replace(one, start=one.start + away, end=one.end + away)
            for one in late
            if one.start >= _SEAM
        ),
    )


def _found(text: str, anchor: datetime, zone: tzinfo, *, nearest: bool) -> tuple[DateMention, ...]:
    now = anchor.astimezone(zone).replace(tzinfo=None)
    low = lowered(text)
    found = islice(_resolved(low, list(atoms(text, zone)), now, nearest=nearest), _MOST)
    return tuple(
        mention
        for one in ranges.joined(low, found, now)
        if (mention := _mention(one, zone)) is not None
    )


def _resolved(low: str, seen: list[Atom], now: datetime, *, nearest: bool) -> Iterator[Found]:
    """Yield the atoms that turn out to be dates, with the words before them taken in."""
    skip, previous = False, None
    for index, atom in enumerate(seen):
        if skip:
            skip = False
            continue
        try:
            after = seen[index + 1] if index + 1 < len(seen) else None
            if after and (pair := ranges.pair(low, atom, after, now, nearest=nearest)):
                skip, previous = True, pair
            else:
                one = _single(low, atom, now, previous, nearest=nearest)
                if one is None:
                    continue
                previous = one
            yield previous
        except (ValueError, OverflowError):  # before the first year or beyond the last
            continue


def _single(
    low: str, atom: Atom, now: datetime, previous: Found | None, *, nearest: bool
) -> Found | None:
    match atom.kind:
        case Kind.OFFSET:
            return context.offset(atom, now)
        case Kind.AGO:
            return context.ago(low, atom, now)
        case Kind.UNIT:
            return context.unit(low, atom, now)
        case _:
            return context.dated(low, atom, now, previous, nearest=nearest)


def _mention(found: Found, zone: tzinfo) -> DateMention | None:
    try:
        after, before = (
            moment.replace(tzinfo=zone).astimezone(UTC)
            for moment in (found.period.first, found.period.after)
        )
    except OverflowError:
        return None
    if before <= after:  # an hour that a change of clocks left out
        before = after + timedelta(seconds=1)
    return DateMention(found.start, found.end, after, before, found.period.precision)
