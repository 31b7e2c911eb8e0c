from datetime import timedelta

from mnemosyne.api.pushes import AT_ONCE, EVERY, PushLimit
from tests.clock import SetClock


def test_a_client_may_push_a_few_times_at_once_and_then_waits(clock: SetClock) -> None:
    limit = PushLimit(clock)

    assert [limit.wait("192.0.2.1") for _ in range(AT_ONCE)] == [0] * AT_ONCE
    assert limit.wait("192.0.2.1") == EVERY.total_seconds()


def test_after_the_wait_that_was_told_a_client_may_push_once_more(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1, every=timedelta(seconds=2.5))
    limit.wait("192.0.2.1")

    told = limit.wait("192.0.2.1")
    clock.advance(timedelta(seconds=told))

    assert told == 3
    assert limit.wait("192.0.2.1") == 0
    assert limit.wait("192.0.2.1") > 0


def test_a_refused_push_costs_nothing(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1, every=timedelta(seconds=6))
    limit.wait("192.0.2.1")

    waits = [limit.wait("192.0.2.1") for _ in range(50)]

    assert waits == [6] * 50


def test_one_client_does_not_make_another_wait(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1)

    assert limit.wait("192.0.2.1") == 0
    assert limit.wait("192.0.2.2") == 0
    assert limit.wait("192.0.2.1") > 0


def test_a_network_of_ipv6_is_one_client(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1)

    assert limit.wait("2001:db8:0:1::1") == 0
    assert limit.wait("2001:db8:0:1:ffff::2") > 0
    assert limit.wait("2001:db8:0:2::1") == 0


def test_an_address_is_the_same_client_however_it_is_written(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1)

    assert limit.wait("::ffff:192.0.2.1") == 0
    assert limit.wait("192.0.2.1") > 0
    assert limit.wait("not an address") == 0
    assert limit.wait("not an address") > 0


def test_the_table_of_clients_does_not_grow_without_bound(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1)
    for number in range(1_100):
        limit.wait(f"10.0.{number // 250}.{number % 250}")

    assert len(limit._full_at) == 1_024


def test_a_clock_that_is_set_back_makes_nobody_wait_for_long(clock: SetClock) -> None:
    limit = PushLimit(clock, at_once=1, every=timedelta(seconds=6))
    limit.wait("192.0.2.1")
    clock.advance(timedelta(days=-1))

    assert limit.wait("192.0.2.1") <= 6
