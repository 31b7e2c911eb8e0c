from datetime import UTC, timedelta

from mnemosyne.kit.clock import Clock, system_clock
from tests.clock import START, SetClock


def test_the_systems_clock_is_aware_and_in_utc() -> None:
    assert system_clock().tzinfo is UTC


def test_the_clock_of_tests_stands_still_until_it_is_moved() -> None:
    clock = SetClock()
    handed_in: Clock = clock

    assert handed_in() == handed_in() == START
    clock.advance(timedelta(days=1))
    assert handed_in() == START + timedelta(days=1)
    clock.set(START)
    assert handed_in() == START
