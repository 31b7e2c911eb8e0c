from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mnemosyne.cli import moments
from mnemosyne.cli.errors import DateUnclearError

NOW = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2025-07-01", "2025-06-30T23:00:00", "2025-07-01T22:59:59.999999"),
        ("July 2025", "2025-06-30T23:00:00", "2025-07-31T22:59:59.999999"),
        ("2025", "2025-01-01T00:00:00", "2025-12-31T23:59:59.999999"),
        ("December 2025", "2025-12-01T00:00:00", "2025-12-31T23:59:59.999999"),
        ("2025-07-01 10:00", "2025-07-01T09:00:00", "2025-07-01T09:00:00"),
        # The day on which the clocks change has 23 hours.
        ("2026-03-29", "2026-03-29T00:00:00", "2026-03-29T22:59:59.999999"),
    ],
)
def test_a_date_begins_and_ends_where_the_person_lives(text: str, begins: str, ends: str) -> None:
    assert moments.beginning(text, LISBON, NOW).isoformat() == f"{begins}+00:00"
    assert moments.end(text, LISBON, NOW).isoformat() == f"{ends}+00:00"


@pytest.mark.parametrize(("word", "day"), [("today", "2026-03-15"), ("yesterday", "2026-03-14")])
def test_today_is_the_day_where_the_person_lives(word: str, day: str) -> None:
    assert moments.read(word, TOKYO, NOW).local().date().isoformat() == day


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [("03/04/2025", True), ("31/04/2025", False), ("soon", False), ("2025-13-01", False)],
)
def test_what_is_not_one_date_is_refused(text: str, ambiguous: bool) -> None:  # noqa: FBT001 - a table
    with pytest.raises(DateUnclearError) as refused:
        moments.read(text, LISBON, NOW)

    assert ("could be two dates" in str(refused.value)) is ambiguous
    assert "yesterday" in refused.value.hint
