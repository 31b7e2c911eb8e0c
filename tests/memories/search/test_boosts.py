"""Boosts for a speaker, a time and what is recent."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.model import Pin, Precision
from mnemosyne.memories.search.boosts import (
    HALF_LIVES,
    OTHERS,
    microseconds,
    recency_boost,
    speaker_boost,
    time_boost,
)

MAY = datetime(2025, 5, 1, tzinfo=UTC)
JUNE = datetime(2025, 6, 1, tzinfo=UTC)


def moments(*at: datetime) -> np.ndarray:
    return np.array([microseconds(each) for each in at], np.int64)


def test_the_first_person_named_is_favoured_over_the_others() -> None:
    codes = {"Nora": frozenset({1, 3}), "Tomas": frozenset({2})}
    found = speaker_boost(np.array([1, 2, 3, 4, 0]), ["Nora", "Tomas", "Stranger"], codes)

    assert found.tolist() == [1, OTHERS, 1, 0, 0]


def test_a_time_that_is_named_is_favoured_and_near_it_in_part() -> None:
    named = DateMention(0, 3, MAY, JUNE, Precision.MONTH)
    week = timedelta(weeks=1)
    found = time_boost(moments(MAY, JUNE - week, MAY - week, JUNE + 52 * week), [named])

    assert found[:3] == pytest.approx([1, 1, np.exp(-1)])
    assert found[3] < 1e-9


def test_what_is_recent_fades_and_a_pin_keeps_it() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    pins = np.array([HALF_LIVES[pin] for pin in (Pin.NORMAL, Pin.PROTECTED, Pin.PERMANENT)])
    found = recency_boost(moments(MAY, MAY, MAY), pins.astype(np.float32), now)

    assert found[0] == pytest.approx(0.5, abs=0.01)
    assert 0.5 < found[1] < found[2] == 1


def test_what_is_yet_to_come_is_as_recent_as_can_be() -> None:
    assert recency_boost(moments(JUNE), np.ones(1, np.float32), MAY).tolist() == [1]
