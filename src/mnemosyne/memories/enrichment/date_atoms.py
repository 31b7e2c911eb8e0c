"""Single dates in a text: what stands there by itself, before the words around it are looked at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum, auto
from functools import cache

from mnemosyne.memories.enrichment import periods
from mnemosyne.memories.enrichment.date_words import (
    AMBIGUOUS,
    DAYS,
    FEASTS,
    FOREIGN_MONTHS,
    LOOSE_FEASTS,
    MONTHS,
    SEASONS,
    WEEKDAYS,
    one_of,
)
from mnemosyne.memories.enrichment.periods import Period, YearlyPeriod
from mnemosyne.memories.model import Precision

YEARS = range(1000, 3000)
_LIKELY_YEARS = range(1900, 2101)
"""Four digits that nothing else makes a year are one only here."""

_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_MONTH = one_of(MONTHS, FOREIGN_MONTHS)
_GAP = r"[\s,.]{1,3}(?:(?:of|de|del)\s{1,3})?"
_COUNTED = (
    "euros?|dollars?|pounds?|francs|km|kg|m|g|ml|miles|met(?:er|re)s|feet|steps|words|pages|people"
    "|times|calories|kcal|points|years|hours|minutes|pieces|copies|items|rows|lines|files|others"
)
_YEAR = rf"[12]\d{{3}}(?!\w|[.,:/-]\d|\s?[%€$£]|\s(?:{_COUNTED})\b)"


class Kind(Enum):
    """What an atom needs beside it to be a date at all."""

    SURE = auto()
    """Nothing: it says which day, month or year."""
    YEARLY = auto()
    """Nothing, but the year is to be found: 3 May, Christmas Eve."""
    BARE = auto()
    """A word before it: in May, last summer, at Easter."""
    UNIT = auto()
    """A word before it that says which: last week, this month."""
    AGO = auto()
    """A length of time before it: two weeks ago."""
    OFFSET = auto()
    """Nothing: today is known."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One date word or number, from ``start`` to ``end``; which fields are set goes by ``kind``."""

    kind: Kind
    start: int
    end: int
    word: str = ""
    period: Period | None = None
    yearly: YearlyPeriod | None = None
    number: int = 0
    doubtful: bool = False
    """Whether the word, as it is written, is as likely a verb or a name."""


def lowered(text: str) -> str:
    """Return ``text`` in lower case with every character where it was."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def atoms(text: str, zone: tzinfo) -> Iterator[Atom]:
    """Yield the atoms of ``text`` in order; they do not overlap. Takes linear time."""
    low, place = lowered(text), 0
    for found in _trigger().finditer(low):
        if found.start() < place:
            continue
        try:
            atom = _read(text, low, found, zone)
        except (ValueError, OverflowError):  # 31 February, the year 0
            continue
        if atom is not None:
            place = atom.end
            yield atom


@cache
def _trigger() -> re.Pattern[str]:
    """Return where a date can begin; the name of the group says how to read on."""
    return re.compile(
        r"(?<![\w@#$€£])(?:"
        r"(?P<digits>(?<!\d[.,:/-])\d{1,4}(?!\d))"
        rf"|(?P<weekday>{one_of(WEEKDAYS)})(?!\w)"
        rf"|(?P<month>{_MONTH})(?!\w)"
        rf"|(?P<season>{one_of(SEASONS)})(?!\w)"
        rf"|(?P<feast>{one_of(FEASTS)})(?!\w)"
        rf"|(?P<day>{one_of(DAYS)})(?!\w)"
        r"|(?P<quarter>q[1-4])(?!\w)"
        r"|(?P<ago>ago|from\s{1,3}now)(?!\w)"
        r"|(?P<unit>(?:day|week|weekend|month|year|decade)s?"
        r"|night|morning|afternoon|evening)(?!\w))"
    )


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(
        {
            "iso": r"([12]\d{3})-(\d\d)-(\d\d)(?:[t\s]([01]\d|2[0-3]):([0-5]\d)"
            r"(?::([0-5]\d)(?:\.\d{1,9})?)?(z|[+-]\d\d:?\d\d)?(?!\w))?(?!\d)(?!-\d)",
            "year-month-day": r"([12]\d{3})[/.](\d\d)[/.](\d\d)(?![\w/]|\.\d)",
            "year-month": r"([12]\d{3})-(0[1-9]|1[0-2])(?![\w-])",
            "dotted": r"(\d{1,2})\.\s?(\d{1,2})\.\s?([12]\d{3})(?![\w]|\.\d)",
            "slashed": r"(\d{1,2})/(\d{1,2})/([12]\d{3})(?![\w/])",
            "day-month": rf"(?:({_DAY})(?:st|nd|rd|th|\.)?\s?(?:-|–|to|and)\s?)?"
            rf"({_DAY})(st|nd|rd|th|er|\.)?\s{{1,3}}((?:of|de)\s{{1,3}})?({_MONTH})"
            rf"(?!\w)(?:{_GAP}({_YEAR}))?",
            "decade": r"([12]\d{2}0)'?s(?!\w)",
            "year": rf"({_YEAR})",
            "month-day": rf"({_MONTH})\.?\s{{1,3}}(?:the\s{{1,3}})?({_DAY})(st|nd|rd|th)?"
            rf"(?![\w:%€$£]|[.,/-]\d)(?:[,\s]{{1,3}}({_YEAR}))?",
            "year-after": rf"{_GAP}(?:([12]\d{{3}})/\d\d(?!\w|[/.-]\d)|({_YEAR}))",
            "weekday-date": rf",?\s{{1,3}}(?:the\s{{1,3}})?(?:{_DAY}(?:st|nd|rd|th|\.)?"
            rf"\s{{1,3}}(?:of\s{{1,3}})?{_MONTH}|{_MONTH}\s{{1,3}}{_DAY})(?!\w)",
        }[name]
    )


def _read(text: str, low: str, found: re.Match[str], zone: tzinfo) -> Atom | None:
    name, start, end = str(found.lastgroup), found.start(), found.end()
    word = re.sub(r"\s+", " ", found[0]).replace("’", "'")
    if name == "digits":
        return _numeric(text, low, start, zone)
    if name == "month":
        return _month(text, low, start, end, word)
    if name == "weekday":
        return _weekday(text, low, start, end, word)
    if name in ("season", "feast", "quarter"):
        return _yearly(name, low, start, end, word)
    if name == "day":
        return Atom(Kind.OFFSET, start, end, number=DAYS[word])
    return Atom(Kind.AGO if name == "ago" else Kind.UNIT, start, end, word)


def _numeric(text: str, low: str, start: int, zone: tzinfo) -> Atom | None:
    if m := _pattern("day-month").match(low, start):
        return _day_month(text, m)
    for name, reader in _numeric_readers(zone).items():
        if m := _pattern(name).match(low, start):
            period = reader(m)
            return Atom(Kind.SURE, start, m.end(), period=period) if period else None
    if m := _pattern("year").match(low, start):
        kind = Kind.SURE if int(m[1]) in _LIKELY_YEARS else Kind.BARE
        return Atom(kind, start, m.end(), word="year", period=periods.year(int(m[1])))
    return None


def _numeric_readers(zone: tzinfo) -> dict[str, Callable[[re.Match[str]], Period | None]]:
    return {
        "iso": lambda m: _iso(m, zone),
        "year-month-day": lambda m: _date(int(m[1]), int(m[2]), int(m[3])),
        "dotted": lambda m: _date(int(m[3]), int(m[2]), int(m[1])),
        "slashed": lambda m: _slashed(int(m[1]), int(m[2]), int(m[3])),
        "year-month": lambda m: periods.month(int(m[1]), int(m[2])),
        "decade": lambda m: periods.year(int(m[1]), 10),
    }


def _day_month(text: str, m: re.Match[str]) -> Atom:
    """Read “3 May”, “3rd of May 2024”, “3–7 May”."""
    low_name = text[m.start(5) : m.start(5) + 1].islower()
    doubtful = m[5] in AMBIGUOUS and low_name and not (m[3] or m[4] or m[6])
    atom = _dated(m.start(), m.end(), m[5], m[2], m[6], m[1])
    return replace(atom, kind=Kind.BARE, word="day") if doubtful else atom


def _month(text: str, low: str, start: int, end: int, word: str) -> Atom | None:
    plain = word not in AMBIGUOUS or text[start].isupper()
    if (m := _pattern("month-day").match(low, start)) and (plain or m[3] or m[4]):
        return _dated(start, m.end(), word, m[2], m[4])
    number = MONTHS.get(word) or FOREIGN_MONTHS[word]
    if m := _pattern("year-after").match(low, end):
        period = periods.month(int(m[1] or m[2]), number)
        return Atom(Kind.SURE, start, m.end(), period=period)
    return Atom(
        Kind.BARE,
        start,
        end,
        word,
        yearly=lambda year: periods.month(year, number),
        doubtful=not plain,
    )


def _weekday(text: str, low: str, start: int, end: int, word: str) -> Atom | None:
    if len(word) <= len("thurs") and not text[start].isupper():
        return None  # sat, sun and wed are words
    if _pattern("weekday-date").match(low, end):
        return None  # the date that follows says more
    return Atom(Kind.BARE, start, end, word, number=WEEKDAYS[word])


def _yearly(name: str, low: str, start: int, end: int, word: str) -> Atom | None:
    yearly = _yearly_period(name, word)
    if m := _pattern("year-after").match(low, end):
        return Atom(Kind.SURE, start, m.end(), period=yearly(int(m[1] or m[2])))
    if name == "quarter":
        return None
    loose = name == "season" or word in LOOSE_FEASTS
    return Atom(Kind.BARE if loose else Kind.YEARLY, start, end, word, yearly=yearly)


def _yearly_period(name: str, word: str) -> YearlyPeriod:
    if name == "feast":
        return FEASTS[word]
    first = SEASONS[word] if name == "season" else 3 * int(word[1]) - 2
    return lambda year: periods.season(first, year)


def _dated(
    start: int, end: int, month: str, day: str, year: str | None, first: str | None = None
) -> Atom:
    number = MONTHS.get(month) or FOREIGN_MONTHS[month]

    def in_year(year: int) -> Period:
        last = _date(year, number, int(day))
        return Period(_date(year, number, int(first)).first, last.after) if first else last

    if year:
        return Atom(Kind.SURE, start, end, period=in_year(int(year)))
    in_year(2000)  # a leap year: it has every day that any year has
    return Atom(Kind.YEARLY, start, end, yearly=in_year)


def _date(year: int, month: int, day: int) -> Period:
    if year not in YEARS:
        raise ValueError(year)
    return periods.day(datetime(year, month, day))  # noqa: DTZ001 - a wall calendar


def _slashed(first: int, second: int, year: int) -> Period | None:
    """Read 25/12/2024 and 12/25/2024; 03/04/2025 could be two days and is neither."""
    if first == second or second > 12:  # noqa: PLR2004 - months of a year
        return _date(year, first, second)
    return _date(year, second, first) if first > 12 else None  # noqa: PLR2004 - as above


def _iso(m: re.Match[str], zone: tzinfo) -> Period:
    whole = _date(int(m[1]), int(m[2]), int(m[3]))
    if m[4] is None:
        return whole
    second = timedelta(hours=int(m[4]), minutes=int(m[5]), seconds=int(m[6] or 0))
    first = whole.first + second
    if m[7]:
        offset = "+00:00" if m[7] == "z" else m[7]
        aware = datetime.fromisoformat(first.isoformat() + offset)
        first = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    length = timedelta(seconds=1) if m[6] else timedelta(minutes=1)
    return Period(first, first + length, Precision.INSTANT)
