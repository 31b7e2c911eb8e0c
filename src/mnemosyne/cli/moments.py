"""Dates as the shell shows them, and as it reads them from an option."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from mnemosyne.cli.errors import DateUnclearError
from mnemosyne.memories.importing import dates
from mnemosyne.memories.model import Moment, Precision

WIDTH: Final = len("12 Mar 2025 14:05")
_FORMS: Final = {
    Precision.INSTANT: "%-d %b %Y %H:%M",
    Precision.DAY: "%-d %b %Y",
    Precision.MONTH: "%b %Y",
    Precision.YEAR: "%Y",
}
_HEADINGS: Final = {Precision.MONTH: "%B %Y", Precision.YEAR: "%Y"}
_SLASHES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")
_MONTHS: Final = range(1, 13)
_MICROSECOND: Final = timedelta(microseconds=1)


def show(moment: Moment) -> str:
    """Return a moment as the person lived it: their clock, and no more than is known."""
    return moment.local().strftime(_FORMS[moment.precision])


def show_at(at: datetime, zone: tzinfo) -> str:
    """Return a moment of the program's own as the person's clock shows it."""
    return at.astimezone(zone).strftime(_FORMS[Precision.INSTANT])


def written(at: datetime | None) -> str | None:
    """Return a moment of the program's own as documents have it: RFC 3339, or null."""
    return None if at is None else at.isoformat()


def show_day(moment: Moment) -> str:
    """Return a day as a heading, and no more than is known: Wednesday, 12 March 2025, or 2025."""
    return moment.local().strftime(_HEADINGS.get(moment.precision, "%A, %-d %B %Y"))


def read(text: str, zone: tzinfo, now: datetime) -> Moment:
    """Read a date or a moment that a person typed.

    Raises:
        DateUnclearError: it is none, or could be two.
    """
    days_ago = {"today": 0, "yesterday": 1}.get(text.strip().casefold())
    if days_ago is not None:
        day = now.astimezone(zone).date() - timedelta(days=days_ago)
        text = day.isoformat()
    if (found := dates.parse(text, zone)) is None:
        raise DateUnclearError(text, ambiguous=_could_be_two(text.strip()))
    return found


def beginning(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return when the day, month or year that ``text`` names begins.

    Raises:
        DateUnclearError: as ``read``.
    """
    return read(text, zone, now).at


def end(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the last moment of the day, month or year that ``text`` names.

    Raises:
        DateUnclearError: as ``read``.
    """
    found = read(text, zone, now)
    local = found.at.astimezone(zone).replace(tzinfo=None)
    after = local
    match found.precision:
        case Precision.INSTANT:
            return found.at
        case Precision.DAY:
            after += timedelta(days=1)
        case Precision.MONTH:
            after = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
        case Precision.YEAR:
            after = local.replace(year=local.year + 1)
    return after.replace(tzinfo=zone).astimezone(UTC) - _MICROSECOND


def _could_be_two(text: str) -> bool:
    found = _SLASHES.fullmatch(text)
    return found is not None and all(int(part) in _MONTHS for part in found.groups())
