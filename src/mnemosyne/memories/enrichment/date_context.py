"""What the words before a date make of it: in May, last summer, two weeks ago."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mnemosyne.memories.enrichment import periods
from mnemosyne.memories.enrichment.date_atoms import Atom, Kind
from mnemosyne.memories.enrichment.date_words import (
    FEASTS,
    FOREIGN_MONTHS,
    MONTHS,
    NUMBERS,
    SEASONS,
    THIRDS,
    WEEKDAYS,
)
from mnemosyne.memories.enrichment.periods import ONE_DAY, Period

_WINDOW = 48
"""How many characters before a date can bear on it."""
_WORD = re.compile(r"\S+")
_OPENING = "([{<\"'“‘„«»¿¡*_"
_ARTICLES = frozenset({"the", "a", "le", "la", "el", "l'"})
_SHORTEST_PARTED = 28 * ONE_DAY
"""Only months and longer stretches have an early, a middle and a late part."""

_WHICH: Mapping[str, str] = {
    **dict.fromkeys(("last", "past", "previous", "letzten", "letztes", "pasado"), "last"),
    **dict.fromkeys(("next", "coming", "nächsten", "nächstes", "próximo"), "next"),
    **dict.fromkeys(("this", "current", "diesen", "dieses", "este"), "this"),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURE = _words("in last next since during of until till throughout past")
_LIKELY = _SURE | _words("this by before after from around over coming previous between")
_FOREIGN = _words(
    "im en au letzten nächsten diesen dieses letztes seit bis ab depuis desde hasta este"
)
_OF_A_FEAST = _LIKELY | _words("at on for every")
_OF_A_DAY = _words("on last next this since until till by before after past of")
_OF_A_YEAR = _SURE | _words("by before after from between around year to en im seit")

_LISTS = frozenset({"and", "or", "und", "oder", "et", "ou", "y", "o", ","})

Words = Sequence[tuple[str, int]]
"""Words before a place, the nearest first, each with where it starts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A date, as far as it is understood: ``text[start:end]`` means ``period``."""

    start: int
    end: int
    period: Period


def words_before(low: str, place: int) -> Words:
    """Return the words that end before ``place``, the nearest first."""
    first = max(0, place - _WINDOW)
    words = [(m[0], first + m.start()) for m in _WORD.finditer(low[first:place])]
    if first and words and not low[first - 1].isspace():
        del words[0]  # torn
    stripped = [
        (word.lstrip(_OPENING), at + len(word) - len(word.lstrip(_OPENING))) for word, at in words
    ]
    return stripped[::-1]


def without_article(words: Words) -> Words:
    """Return ``words`` without an article at the nearest place."""
    return words[1:] if words and words[0][0] in _ARTICLES else words


def dated(
    low: str, atom: Atom, now: datetime, previous: Found | None, *, nearest: bool
) -> Found | None:
    """Read a day, month, season, feast or year with what stands before it.

    ``previous`` is the date before it in the text: “in May or June”.
    """
    start, words = atom.start, words_before(low, atom.start)
    part, words = _part(words)
    if part is not None:
        start = part[1]
    words = without_article(words)
    lead, place = words[0] if words else ("", start)
    if atom.kind is Kind.BARE and part is None and not _leads(lead, atom):
        listed = previous and low[previous.end : atom.start].strip() in _LISTS
        if not listed or atom.doubtful:
            return None
    which = _WHICH.get(lead, "")
    period = _period(atom, now, which, nearest=nearest)
    if part is not None:
        if period.after - period.first < _SHORTEST_PARTED:
            return None
        period = periods.third(period, part[0])
    return Found(place if which else start, atom.end, period)


def _leads(lead: str, atom: Atom) -> bool:
    if atom.word in WEEKDAYS or atom.word == "day":
        return lead in _OF_A_DAY
    if atom.word in FEASTS:
        return lead in _OF_A_FEAST
    if atom.word in MONTHS:
        return lead in (_SURE if atom.doubtful else _LIKELY) or lead in _FOREIGN
    if atom.word in FOREIGN_MONTHS:
        return lead in _FOREIGN
    if atom.word in SEASONS:
        return lead in _LIKELY or lead == "for"
    return lead in _OF_A_YEAR


def _part(words: Words) -> tuple[tuple[int, int] | None, Words]:
    """Return which third is meant and where that is said, with the words left before it."""
    for length in (2, 1):
        phrase = " ".join(word for word, _ in reversed(words[:length])).rstrip("-")
        if len(words) >= length and phrase in THIRDS:
            return (THIRDS[phrase], words[length - 1][1]), words[length:]
    return None, words


def _period(atom: Atom, now: datetime, which: str, *, nearest: bool) -> Period:
    if atom.period is not None:
        return atom.period
    if atom.yearly is not None:
        return periods.closest(atom.yearly, now, which, nearest=nearest)
    return _weekday(atom.number, now, which, nearest=nearest)


def _weekday(number: int, now: datetime, which: str, *, nearest: bool) -> Period:
    back = (now.weekday() - number) % 7
    if which == "last":
        return periods.day(now - (back or 7) * ONE_DAY)
    if which == "next":
        return periods.day(now + (7 - back) * ONE_DAY)
    if which == "this":
        return periods.weekday(number, now)
    if nearest and back > 3:  # noqa: PLR2004 - half a week
        return periods.day(now + (7 - back) * ONE_DAY)
    return periods.day(now - back * ONE_DAY)


def offset(atom: Atom, now: datetime) -> Found:
    """Read yesterday, today, the day after tomorrow."""
    return Found(atom.start, atom.end, periods.day(now + atom.number * ONE_DAY))


def count(words: Words) -> tuple[int, Words]:
    """Return the number that the nearest words say, 0 for none, and the words before it."""
    for length in (3, 2, 1):
        phrase = " ".join(word for word, _ in reversed(words[:length]))
        if len(words) >= length and phrase in NUMBERS:
            return NUMBERS[phrase], words[length:]
    if words and words[0][0].isdecimal() and len(words[0][0]) <= 3:  # noqa: PLR2004 - 999 years
        return int(words[0][0]), words[1:]
    return 0, words


def ago(low: str, atom: Atom, now: datetime) -> Found | None:
    """Read two weeks ago, half a year ago, three days from now."""
    words = words_before(low, atom.start)
    if not words:
        return None
    unit_word, start = words[0]
    number, rest = count(words[1:])
    if not number:
        return None
    sign = -1 if atom.word == "ago" else 1
    start = words[len(words) - len(rest) - 1][1]
    if rest and rest[0][0] == "half" and number == 1 and unit_word == "year":
        return Found(rest[0][1], atom.end, periods.month(now.year, now.month + 6 * sign))
    period = stepped(unit_word, sign * number, now)
    return Found(start, atom.end, period) if period else None


def stepped(word: str, steps: int, at: datetime) -> Period | None:
    """Return the day, week, month or year that lies ``steps`` of them from the moment ``at``."""
    steppers: Mapping[str, Callable[[], Period]] = {
        "day": lambda: periods.day(at + steps * ONE_DAY),
        "week": lambda: periods.around(at + 7 * steps * ONE_DAY),
        "weekend": lambda: periods.weekend(at + 7 * steps * ONE_DAY),
        "month": lambda: periods.month(at.year, at.month + steps),
        "year": lambda: periods.year(at.year + steps),
        "decade": lambda: periods.year(at.year + 10 * steps - 1, 3),
    }
    step = steppers.get(word.removesuffix("s"))
    return step() if step else None


def unit(low: str, atom: Atom, now: datetime) -> Found | None:
    """Read last week, this month, the end of the year, the last three days."""
    words = words_before(low, atom.start)
    if low[atom.start - 4 : atom.start] == "the " and (part := _part(words[1:])[0]):
        return _parted(atom, _relative(atom.word, "this", now), part)
    number, rest = count(words)
    if not rest or rest[0][0] not in _WHICH:
        return None
    lead, start = rest[0]
    period = _which_unit(atom.word, lead, number, now)
    if period and not number and (part := _part(without_article(rest[1:]))[0]):
        return _parted(atom, period, part)
    return Found(start, atom.end, period) if period else None


def _which_unit(word: str, lead: str, number: int, now: datetime) -> Period | None:
    which = _WHICH[lead]
    if number or (lead == "past" and not word.endswith("s")):
        return _rolling(word, number or 1, now, which)
    if word in ("night", "evening") and which == "last":
        return periods.day(now - ONE_DAY)
    if word in ("morning", "afternoon", "evening") and which == "this":
        return periods.day(now)
    return _relative(word, which, now)


def _parted(atom: Atom, period: Period | None, part: tuple[int, int]) -> Found | None:
    if period is None or period.after - period.first < _SHORTEST_PARTED:
        return None
    return Found(part[1], atom.end, periods.third(period, part[0]))


def _rolling(word: str, number: int, now: datetime, which: str) -> Period | None:
    """Return the days of the last or next ``number`` units, today included."""
    if which == "this":
        return None
    sign = -1 if which == "last" else 1
    today, step = periods.day(now), stepped(word, sign * number, now)
    if step is None:
        return None
    match word.removesuffix("s"):
        case "day" | "week" | "weekend":
            days = number * (1 if word.startswith("day") else 7)
        case "month":
            days = number * 365 // 12
        case _:
            days = number * 365 * (10 if word.startswith("decade") else 1)
    if sign < 0:
        return Period(today.first - days * ONE_DAY, today.after, step.precision)
    return Period(today.first, today.after + days * ONE_DAY, step.precision)


def _relative(word: str, which: str, now: datetime) -> Period | None:
    step = {"last": -1, "this": 0, "next": 1}[which]
    match word:
        case "week":
            return periods.week(now + 7 * step * ONE_DAY)
        case "weekend":
            return _weekend(step, now)
        case "month":
            return periods.month(now.year, now.month + step)
        case "year":
            return periods.year(now.year + step)
        case "decade":
            return periods.year((now.year // 10 + step) * 10, 10)
    return None


def _weekend(step: int, now: datetime) -> Period:
    here = periods.weekend(now)
    if step == 1 and here.first > now:
        return here
    return periods.weekend(here.first + 7 * step * ONE_DAY)
