"""Stretches of calendar time: days, weeks, months, seasons, feasts, and the steps between them.

Bounds are moments without a zone, as a wall calendar shows them; ``dates`` puts them in one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mnemosyne.memories.model import Precision

ONE_DAY = timedelta(days=1)
_MONTHS = 12
_QUARTER = 3
_SEARCHED_YEARS = 8
"""29 February is at most this far away, whatever the year."""

YearlyPeriod = Callable[[int], "Period"]


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` up to, not including, ``after``; ``precision`` is that of the words."""

    first: datetime
    after: datetime
    precision: Precision = Precision.DAY


def day(at: datetime, length: int = 1) -> Period:
    """Return the day of ``at``, or ``length`` days from it on."""
    first = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(first, first + length * ONE_DAY)


def month(year: int, number: int) -> Period:
    """Return a month; numbers beyond 1 to 12 run on into other years."""
    return months(year, number, 1, Precision.MONTH)


def months(year: int, number: int, count: int, precision: Precision) -> Period:
    """Return ``count`` months from month ``number`` of ``year`` on."""
    return Period(_month_start(year, number), _month_start(year, number + count), precision)


def year(number: int, count: int = 1) -> Period:
    """Return a year, or ``count`` of them."""
    return months(number, 1, count * _MONTHS, Precision.YEAR)


def season(first_month: int, number: int) -> Period:
    """Return the season that begins in ``first_month`` of the year ``number``."""
    return months(number, first_month, _QUARTER, Precision.MONTH)


def week(at: datetime) -> Period:
    """Return the week of ``at``, Monday to Sunday."""
    return day(at - at.weekday() * ONE_DAY, 7)


def weekend(at: datetime) -> Period:
    """Return Saturday and Sunday of the week of ``at``."""
    return day(at + (5 - at.weekday()) * ONE_DAY, 2)


def weekday(number: int, at: datetime) -> Period:
    """Return the day ``number`` (Monday is 0) of the week of ``at``."""
    return day(at + (number - at.weekday()) * ONE_DAY)


def around(at: datetime, days: int = 3) -> Period:
    """Return the day of ``at`` with ``days`` on either side."""
    return day(at - days * ONE_DAY, 2 * days + 1)


def easter(number: int) -> datetime:
    """Return Easter Sunday of a Gregorian year (Meeus, Jones and Butcher)."""
    golden, (century, rest) = number % 19, divmod(number, 100)
    leap = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - leap + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    number_of_month, offset = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return datetime(number, number_of_month, offset + 1)  # noqa: DTZ001 - a wall calendar


def nth_weekday(number: int, month_number: int, weekday_number: int, nth: int) -> datetime:
    """Return the ``nth`` weekday of a month, the last one for 5 where there is no fifth."""
    whole = month(number, month_number)
    ahead = (weekday_number - whole.first.weekday()) % 7
    at = whole.first + (ahead + 7 * (nth - 1)) * ONE_DAY
    return at if at < whole.after else at - 7 * ONE_DAY


def third(period: Period, part: int) -> Period:
    """Return the early (0), middle (1) or late (2) third of ``period``, in whole days."""
    days = (period.after - period.first) // ONE_DAY
    first = period.first + days * part // 3 * ONE_DAY
    after = period.first + days * (part + 1) // 3 * ONE_DAY
    return Period(first, after, period.precision)


def closest(yearly: YearlyPeriod, at: datetime, word: str, *, nearest: bool = False) -> Period:
    """Return which year's ``yearly`` is meant at the moment ``at``.

    ``word`` is "last" (over already), "next" (not begun), "this" (now, or else this year's) or
    empty: the latest that has begun or, if ``nearest``, the one least far away.

    Raises:
        ValueError: there is none.
    """
    known = [period for number in _years_near(at) if (period := _in_year(yearly, number))]
    if word == "last":
        return max((one for one in known if one.after <= at), key=_first)
    if word == "next":
        return min((one for one in known if one.first > at), key=_first)
    if word == "this":
        now = [one for one in known if one.first <= at < one.after]
        return now[-1] if now else yearly(at.year)
    if nearest:
        return min(known, key=lambda one: distance(one, at))
    return max((one for one in known if one.first <= at), key=_first)


def distance(period: Period, at: datetime) -> timedelta:
    """Return how far ``at`` lies outside ``period``; zero inside."""
    return max(period.first - at, at - period.after, timedelta(0))


def _month_start(year_number: int, number: int) -> datetime:
    years, index = divmod(number - 1, _MONTHS)
    return datetime(year_number + years, index + 1, 1)  # noqa: DTZ001 - a wall calendar


def _years_near(at: datetime) -> range:
    return range(max(1, at.year - _SEARCHED_YEARS), at.year + _SEARCHED_YEARS + 1)


def _in_year(yearly: YearlyPeriod, number: int) -> Period | None:
    try:
        return yearly(number)
    except ValueError:  # 29 February
        return None


def _first(period: Period) -> datetime:
    return period.first
