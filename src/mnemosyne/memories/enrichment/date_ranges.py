"""Dates that lean on other dates: the week after Easter, between March and May, since 2020."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from mnemosyne.memories.enrichment import periods
from mnemosyne.memories.enrichment.date_atoms import Atom, Kind
from mnemosyne.memories.enrichment.date_context import (
    Found,
    Words,
    count,
    stepped,
    without_article,
    words_before,
)
from mnemosyne.memories.enrichment.date_words import ORDINALS, WEEKDAYS
from mnemosyne.memories.enrichment.periods import ONE_DAY, Period
from mnemosyne.memories.model import Precision

EARLIEST = datetime(1, 1, 3)  # noqa: DTZ001 - a wall calendar; two days are room for any zone
_PARTS_OF_DAYS = frozenset({"day", "night", "morning", "evening"})
_UNITS = _PARTS_OF_DAYS | {"week", "weekend", "month", "year"}
_OPENERS = frozenset({"between", "from", "zwischen", "von", "vom", "entre", "de", "du"})
_TO = frozenset({"to", "until", "till", "through", "bis", "–", "—", "-", "au", "à", "a", "hasta"})
_AND = frozenset({"and", "und", "et", "y"})
_LONGEST_GAP = 12
_MONTH = 28 * ONE_DAY
_SIDES: Mapping[str, str] = {
    **dict.fromkeys(("before", "prior to", "vor", "avant", "antes de"), "before"),
    **dict.fromkeys(("after", "following", "nach", "après", "después de"), "after"),
    **dict.fromkeys(("of", "in"), "of"),
}
_OPEN: Mapping[str, str] = {
    **dict.fromkeys(("since", "seit", "depuis", "desde"), "since"),
    **dict.fromkeys(("until", "till", "bis", "hasta"), "until"),
    **dict.fromkeys(("before", "prior to", "vor", "avant", "antes de"), "before"),
    **dict.fromkeys(("after", "nach", "après", "después de"), "after"),
}
_COARSE = (Precision.INSTANT, Precision.DAY, Precision.MONTH, Precision.YEAR)


def pair(low: str, first: Atom, last: Atom, now: datetime, *, nearest: bool) -> Found | None:
    """Read “between March and May 2024”, “from 2019 to 2021”; None if the two are not a pair."""
    gap = low[first.end : min(last.start, first.end + _LONGEST_GAP)].strip()
    if gap not in _TO and gap not in _AND:
        return None
    words = without_article(words_before(low, first.start))
    opened = bool(words) and words[0][0] in _OPENERS
    if not opened and (gap in _AND or first.doubtful or last.kind is not Kind.SURE):
        return None
    bounds = _bounds(first, last, now, nearest=nearest)
    if bounds is None or bounds[0].first >= bounds[1].after:
        return None
    precision = max((one.precision for one in bounds), key=_COARSE.index)
    return Found(first.start, last.end, Period(bounds[0].first, bounds[1].after, precision))


def _bounds(first: Atom, last: Atom, now: datetime, *, nearest: bool) -> list[Period] | None:
    if first.period and last.period:
        return [first.period, last.period]
    if first.period and last.yearly:
        end = last.yearly(first.period.first.year)
        late = end.first < first.period.first
        return [first.period, last.yearly(first.period.first.year + 1) if late else end]
    if first.yearly is None:
        return None
    if last.period is not None:
        end = last.period
    elif last.yearly is not None:
        end = periods.closest(last.yearly, now, "", nearest=nearest)
    else:
        return None
    begin = first.yearly(end.first.year)
    return [first.yearly(end.first.year - 1) if begin.first > end.first else begin, end]


def joined(low: str, found: Iterable[Found], now: datetime) -> list[Found]:
    """Let each date take in the words before it that move or stretch it."""
    kept: list[Found] = []
    for one in found:
        wider = _moved(low, one) or _stretched(low, one, now) or one
        while kept and kept[-1].end > wider.start:
            kept.pop()
        kept.append(wider)
    return kept


def _side(words: Words, table: Mapping[str, str]) -> tuple[str, Words]:
    for length in (2, 1):
        phrase = " ".join(word for word, _ in reversed(words[:length]))
        if len(words) >= length and phrase in table:
            return table[phrase], words[length:]
    return "", words


def _moved(low: str, one: Found) -> Found | None:
    """Read “the week after”, “two days before”, “the first weekend of”."""
    side, words = _side(without_article(words_before(low, one.start)), _SIDES)
    if not side or not words:
        return None
    word, start = words[0]
    if word in ORDINALS and side == "of" and one.period.precision is Precision.MONTH:
        return Found(start, one.end, _day_of_month(ORDINALS[word], one.period))
    unit = word if word in WEEKDAYS else word.removesuffix("s")
    if unit not in _UNITS and unit not in WEEKDAYS:
        return None
    rest = words[1:]
    number, after = count(rest)
    ordinal = ORDINALS.get(rest[0][0], 0) if rest else 0
    if number or ordinal:
        start = rest[(len(rest) - len(after) - 1) if number else 0][1]
    try:
        period = _step(unit, side, number or 1, ordinal, one.period)
    except (ValueError, OverflowError):
        return None
    return Found(start, one.end, period) if period else None


def _step(unit: str, side: str, number: int, ordinal: int, base: Period) -> Period | None:
    if side == "of":
        return _inside(unit, ordinal, base)
    sign = -1 if side == "before" else 1
    edge = base.first if sign < 0 else base.after - ONE_DAY
    if unit in WEEKDAYS:
        away = sign * (WEEKDAYS[unit] - edge.weekday()) % 7 or 7
        return periods.day(edge + sign * (away + 7 * (number - 1)) * ONE_DAY)
    if unit == "week" and number == 1:
        first = base.first - 7 * ONE_DAY if sign < 0 else base.after
        return Period(first, first + 7 * ONE_DAY)
    if unit == "weekend":
        here = periods.weekend(edge)
        outside = here.after <= base.first if sign < 0 else here.first >= base.after
        return periods.weekend(here.first + sign * 7 * (number - outside) * ONE_DAY)
    return stepped("day" if unit in _PARTS_OF_DAYS else unit, sign * number, edge)


def _day_of_month(ordinal: int, base: Period) -> Period:
    """Return the first of May, the last of May."""
    last = ordinal == ORDINALS["last"]
    return periods.day(base.after - ONE_DAY if last else base.first + (ordinal - 1) * ONE_DAY)


def _inside(unit: str, ordinal: int, base: Period) -> Period | None:
    """Return the first week of May, the weekend of 3 May, the last Friday in June."""
    if base.after - base.first < _MONTH:
        whole = {"week": periods.week, "weekend": periods.weekend}.get(unit)
        if whole is not None:
            return whole(base.first)
        return periods.weekday(WEEKDAYS[unit], base.first) if unit in WEEKDAYS else base
    if not ordinal:
        return base if unit in ("month", "year") else None
    if unit == "week":
        last = ordinal == ORDINALS["last"]
        first = base.after - 7 * ONE_DAY if last else base.first + 7 * (ordinal - 1) * ONE_DAY
        return Period(first, first + 7 * ONE_DAY)
    weekday = WEEKDAYS.get("saturday" if unit == "weekend" else unit)
    if weekday is None:
        return None
    at = periods.nth_weekday(base.first.year, base.first.month, weekday, ordinal)
    return periods.day(at, 2 if unit == "weekend" else 1)


def _stretched(low: str, one: Found, now: datetime) -> Found | None:
    """Read “since”, “until”, “before” and “after” before a date as a stretch with one end."""
    words = without_article(words_before(low, one.start))
    side, rest = _side(words, _OPEN)
    if not side:
        return None
    start = words[len(words) - len(rest) - 1][1]
    period, tonight = one.period, periods.day(now).after
    length = period.after - period.first
    bounds = {
        "since": (period.first, max(tonight, period.after)),
        "after": (period.after, max(tonight, period.after + length)),
        "until": (EARLIEST, period.after),
        "before": (EARLIEST, period.first),
    }[side]
    return (
        Found(start, one.end, Period(*bounds, period.precision)) if bounds[0] < bounds[1] else None
    )
