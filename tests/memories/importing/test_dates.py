"""Dates are read strictly, with the precision they have; two possible days are none."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.importing import dates
from mnemosyne.memories.model import JsonValue, Precision

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        ("2024-05-06", "2024-05-06", Precision.DAY),
        ("2024/5/6", "2024-05-06", Precision.DAY),
        ("20240506", "2024-05-06", Precision.DAY),
        (20240506, "2024-05-06", Precision.DAY),
        ("6.5.2024", "2024-05-06", Precision.DAY),
        ("25/12/2024", "2024-12-25", Precision.DAY),
        ("12/25/2024", "2024-12-25", Precision.DAY),
        ("05/05/2024", "2024-05-05", Precision.DAY),
        ("6 May 2024", "2024-05-06", Precision.DAY),
        ("Monday, May 6th, 2024", "2024-05-06", Precision.DAY),
        ("2024-05", "2024-05-01", Precision.MONTH),
        ("May 2024", "2024-05-01", Precision.MONTH),
        ("2024", "2024-01-01", Precision.YEAR),
        (2024, "2024-01-01", Precision.YEAR),
    ],
)
def test_a_date_is_read_with_its_precision(
    written: JsonValue, expected: str, precision: Precision
) -> None:
    found = dates.parse(written, UTC)

    assert found is not None
    assert (found.at.date().isoformat(), found.precision) == (expected, precision)


@pytest.mark.parametrize(
    "written",
    [
        "03/04/2025", "2024-02-30", "31.11.2024", "13/13/2024", "99999", 7, 12345, "yesterday",
        "9999999", True, None, "", [], {}, "2024-05-06" * 20, float("nan"), float("inf"), 1e300,
        -1e300, 10**400, "0000-00-00", "1234-05-06", "2024-99", "Foo 2024", "2024-13-01T00:00:00",
    ],
)  # fmt: skip
def test_what_is_uncertain_or_no_date_is_none(written: JsonValue) -> None:
    assert dates.parse(written, UTC) is None


@pytest.mark.parametrize("number", [1.7e9, 1.7e12, 1.7e15, 1.7e18, "1700000000"])
def test_seconds_and_their_fractions_since_1970_are_told_apart(number: JsonValue) -> None:
    found = dates.parse(number, UTC)

    assert found is not None
    assert found.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_moment_keeps_the_offset_that_the_clock_showed() -> None:
    offset = dates.parse("2024-05-06T10:00:00+05:30", UTC)
    universal = dates.parse("2024-05-06 10:00:00 Z", BERLIN)
    local = dates.parse("2024-05-06 10:00", BERLIN)

    assert offset is not None
    assert offset.utc_offset_minutes == 330
    assert universal is not None
    assert universal.utc_offset_minutes is None
    assert local is not None
    assert (local.at.hour, local.utc_offset_minutes) == (8, 120)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_the_ends_of_the_calendar_do_not_overflow(written: str) -> None:
    assert dates.parse(written, timezone(timedelta(hours=14))) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("d/2024-05-06.md", "2024-05-06T00:00:00"),
        ("d/2024-05-06 At the lake.md", "2024-05-06T00:00:00"),
        ("d/IMG_20240506_101112.txt", "2024-05-06T10:11:12"),
        ("d/202405061011 zettel.md", "2024-05-06T10:11:00"),
        ("d/2024-05.md", "2024-05-01T00:00:00"),
        ("journals/2024/05/06.md", "2024-05-06T00:00:00"),
        ("journals/2024/05-May/06-Monday.md", "2024-05-06T00:00:00"),
        ("d/2024.md", "2024-01-01T00:00:00"),
        ("d/20249999.md", None),
        ("d/4915112345678.md", None),
        ("d/notes.md", None),
    ],
)
def test_a_name_may_hold_a_date(name: str, expected: str | None) -> None:
    found = dates.from_name(name, UTC)

    assert (found and found.at.replace(tzinfo=None).isoformat()) == expected


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("2024-05-06", 6),
        ("2024-05-06 – At the lake", 6),
        ("6 May 2024: rain", 6),
        ("May 2024", None),
        ("In 2024", None),
        ("03/04/2025", None),
    ],
)
def test_a_heading_names_a_day_or_none(title: str, day: int | None) -> None:
    found = dates.from_heading(title, UTC)

    assert (found and found.at.day) == day


JSON = st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.none(), st.booleans())
WRITTEN = st.text(alphabet="0123456789-/.:TZ+ maychr٣", max_size=40)


@given(JSON | WRITTEN)
def test_no_value_makes_it_stumble(value: JsonValue) -> None:
    for found in (dates.parse(value, BERLIN), dates.from_name(str(value), BERLIN)):
        assert found is None or found.at.tzinfo is not None
    dates.from_heading(str(value), BERLIN)
