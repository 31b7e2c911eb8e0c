"""Moments: one form in, one form out."""

from datetime import UTC, datetime, timedelta

import pytest

from mnemosyne.api import moments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-12T14:05:00Z", "2025-03-12T14:05:00Z"),
        ("2025-03-12t14:05:00.5z", "2025-03-12T14:05:00.500000Z"),
        ("2025-03-12T14:05:00.1234567+01:00", "2025-03-12T13:05:00.123456Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_moment_of_rfc_3339_is_read_and_written_in_utc(text: str, expected: str) -> None:
    assert moments.write(moments.in_utc(moments.read(text))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-12",
        "2025-03-12T14:05:00",
        "2025-03-12 14:05:00Z",
        "2025-02-29T00:00:00Z",
        "2025-03-12T24:00:00Z",
        "2025-03-12T14:05:00+1:00",
        "2025-03-12T14:05:00+24:00",
        "٢٠٢٥-03-12T14:05:00Z",
        "2025-03-12T14:05:00Z\n",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "",
        1741788300,
        None,
    ],
)
def test_what_is_none_or_could_be_two_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moments.read(text)


def test_the_offset_is_what_a_moment_was_written_with_and_z_says_none() -> None:
    assert moments.offset_of(moments.read("2025-03-12T14:05:00-03:30")) == -210
    assert moments.offset_of(moments.read("2025-03-12T14:05:00Z")) is None
    assert moments.offset_of(datetime(2025, 3, 12, tzinfo=UTC) + timedelta(0)) is None
