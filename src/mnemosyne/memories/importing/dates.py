"""Dates as people and programs write them: strictly read, with the precision they have.

A date that can mean two days, such as 03/04/2025, is not guessed at.
"""

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

from mnemosyne.memories.model import JsonValue, Moment, Precision

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for name in names.split()
}
_DAY_NAME = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_WRITTEN = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})"),
    re.compile(
        r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?P<name>[a-z]{3,9})\.?,?\s+(?P<year>\d{4})"
    ),
    re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})"),
    re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})"),
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TIMED = re.compile(r"\d{4}-?\d\d-?\d\d[T ]\d.*")
_ZONE_SPACE = re.compile(r"\s+(?=(?:Z|[+-]\d\d:?\d\d)$)")
_NUMBER = re.compile(r"-?\d{9,19}(?:\.\d+)?")
_SEPARATED = re.compile(
    r"(?<!\d)(\d{4})([-_. ]?)(\d\d)\2(\d\d)"
    r"(?:[T_ -]?([01]\d|2[0-3])[-.:hH_]?([0-5]\d)(?:[-.:_]?([0-5]\d))?)?(?!\d)"
)
_MONTH_IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_.](\d\d)(?![-_.]?\d)")
_FOLDERS = re.compile(r"(?:^|/)(\d{4})/(?:\d{4}-)?(\d\d)(?:-[^/]*)?/(\d\d)(?=[^\d/]*$)")
_LAST_MONTH = 12
_YEAR = re.compile(r"\d{4}")
_LONGEST = 64  # no date is longer
_YEARS = range(1800, 2200)  # four digits outside are a number, not a year
_UNITS = ((1e8, 1.0), (1e11, 1e3), (1e14, 1e6), (1e17, 1e9))  # seconds … nanoseconds


def parse(value: JsonValue, zone: tzinfo) -> Moment | None:
    """Read a date or a moment; None when ``value`` is none or could be two.

    ``zone`` is where the person was, for dates that do not say.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return _parse_text(value.strip(), zone)
    if isinstance(value, int | float):
        if isinstance(value, int) and (day := _parse_text(str(value), zone)) is not None:
            return day
        at = from_epoch(value)
        return None if at is None else Moment(at)
    return None


def from_epoch(number: float) -> datetime | None:
    """Read seconds (or milli-, micro-, nanoseconds) since 1970; None for what is no moment.

    Numbers below 10⁸ (March 1973) are refused: they are counters more often than moments.
    """
    try:
        size = abs(float(number))
    except OverflowError:
        return None
    if not math.isfinite(size):
        return None
    unit = next((unit for least, unit in reversed(_UNITS) if size >= least), None)
    if unit is None:
        return None
    try:
        return datetime.fromtimestamp(number / unit, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _parse_text(text: str, zone: tzinfo) -> Moment | None:
    if len(text) > _LONGEST:
        return None
    if _TIMED.fullmatch(text):
        return _timed(text, zone)
    spoken = re.sub("^" + _DAY_NAME, "", text.lower())
    for pattern in _WRITTEN:
        if match := pattern.fullmatch(spoken):
            return _from_groups(match.groupdict(), zone)
    if match := _SLASHED.fullmatch(text):
        return _slashed(int(match[1]), int(match[2]), int(match[3]), zone)
    if _NUMBER.fullmatch(text):
        at = from_epoch(float(text))
        return None if at is None else Moment(at)
    return None


def _timed(text: str, zone: tzinfo) -> Moment | None:
    text = _ZONE_SPACE.sub("", text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return _moment(at.replace(tzinfo=zone), Precision.INSTANT)
    # RFC 9557 §2.2: Z says when, but not what the clock on the wall showed.
    known = not text.endswith("Z")
    return _moment(at, Precision.INSTANT, offset_known=known)


def _from_groups(groups: dict[str, str | None], zone: tzinfo) -> Moment | None:
    year, month, day = groups["year"], groups.get("month"), groups.get("day")
    if name := groups.get("name"):
        if name not in _MONTHS:
            return None
        month = str(_MONTHS[name])
    return _calendar(int(year or 0), int(month) if month else 0, int(day) if day else 0, zone)


def _slashed(first: int, second: int, year: int, zone: tzinfo) -> Moment | None:
    """Read 25/12/2024 and 12/25/2024; 03/04/2025 could be two days and is neither."""
    if first == second or second > _LAST_MONTH:
        return _calendar(year, first, second, zone)
    return _calendar(year, second, first, zone) if first > _LAST_MONTH else None


def _calendar(year: int, month: int, day: int, zone: tzinfo) -> Moment | None:
    if year not in _YEARS:
        return None
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        return _moment(datetime(year, month or 1, day or 1, tzinfo=zone), precision)
    except ValueError:
        return None


def _moment(at: datetime, precision: Precision, *, offset_known: bool = True) -> Moment | None:
    offset = at.utcoffset() or timedelta()
    try:
        utc = at.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        return None
    return Moment(utc, precision, int(offset.total_seconds() // 60) if offset_known else None)


def from_name(name: str, zone: tzinfo) -> Moment | None:
    """Read the date in a file's name (2025-03-14, 20250314, 2025-03, 2025/03/14.md, 202503141030).

    ``name`` has forward slashes; its last suffix is not looked at.
    """
    stem = name.rpartition("/")[2].rpartition(".")[0] or name.rpartition("/")[2]
    for match in _SEPARATED.finditer(stem):
        year, _, month, day, hour, minute, second = match.groups()
        if (date := _calendar(int(year), int(month), int(day), zone)) is None:
            continue
        if hour is None:
            return date
        clock = timedelta(hours=int(hour), minutes=int(minute), seconds=int(second or 0))
        local = date.at.astimezone(zone).replace(tzinfo=None) + clock
        return _moment(local.replace(tzinfo=zone), Precision.INSTANT)
    if month_alone := _MONTH_IN_NAME.search(stem):
        return _calendar(int(month_alone[1]), int(month_alone[2]), 0, zone)
    if folders := _FOLDERS.search(name.rpartition(".")[0]):
        return _calendar(int(folders[1]), int(folders[2]), int(folders[3]), zone)
    return parse(stem, zone) if _YEAR.fullmatch(stem) else None


def from_heading(title: str, zone: tzinfo) -> Moment | None:
    """Read the day that a heading names alone or at its beginning (“2025-03-14 – At the lake”)."""
    candidates = [title, re.split(r"\s*[–—|:]\s*|\s+-\s+", title, maxsplit=1)[0]]
    if match := re.match(r"\d{4}-\d\d-\d\d(?!\d)", title):
        candidates.append(match[0])
    for candidate in candidates:
        found = parse(candidate, zone)
        if found is not None and found.precision is Precision.DAY:
            return found
    return None
