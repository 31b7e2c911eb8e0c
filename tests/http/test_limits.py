import itertools
from datetime import timedelta

import pytest

from mnemosyne.accounts.slow_hashes import BusyNowError
from mnemosyne.http.limits import Limit, Limits, Rates, TooManyRequestsError
from tests.clock import SetClock
from tests.requirements import requirement

MINUTE = timedelta(minutes=1)


def refused(limit: Limit, client: str = "192.0.2.1") -> int:
    """Return for how long a client is told to wait, or 0 if it is served."""
    try:
        limit.take(client)
    except TooManyRequestsError as error:
        return error.retry_after
    return 0


@pytest.mark.parametrize("amount", [1, 2, 10, 600])
@requirement("serving.limits")
def test_as_many_as_allowed_are_served_and_not_one_more(clock: SetClock, amount: int) -> None:
    limit = Limit(clock, amount)

    assert [refused(limit) for _ in range(amount)] == [0] * amount
    assert refused(limit) == 60


@pytest.mark.parametrize("passed", ["0", "0.000001", "0.5", "1", "29.999999", "59", "59.999999"])
@requirement("serving.limits")
def test_who_waits_as_long_as_told_is_served_and_one_second_less_is_too_short(
    clock: SetClock, passed: str
) -> None:
    limit = Limit(clock, 1)
    refused(limit)
    clock.advance(timedelta(seconds=float(passed)))
    told = refused(limit)

    clock.advance(timedelta(seconds=told - 1))
    early = refused(limit)
    clock.advance(timedelta(seconds=1))

    assert early == 1
    assert refused(limit) == 0


def test_a_refused_request_makes_nobody_wait_longer(clock: SetClock) -> None:
    limit = Limit(clock, 1)
    refused(limit)
    clock.advance(timedelta(seconds=50))

    assert [refused(limit) for _ in range(100)] == [10] * 100


def test_the_error_says_when_to_come_back(clock: SetClock) -> None:
    limit = Limit(clock, 1)
    limit.take("192.0.2.1")

    with pytest.raises(TooManyRequestsError) as told:
        limit.take("192.0.2.1")

    assert told.value.headers == {"Retry-After": "60"}
    assert "60 s" in told.value.hint


def test_one_client_does_not_make_another_wait(clock: SetClock) -> None:
    limit = Limit(clock, 1)
    limit.take("192.0.2.1")

    assert refused(limit, "192.0.2.2") == 0
    assert refused(limit, "192.0.2.1") == 60


def test_asking_whether_a_client_would_be_refused_counts_nothing(clock: SetClock) -> None:
    limit = Limit(clock, 1)

    for _ in range(5):
        limit.require("192.0.2.1")
    limit.take("192.0.2.1")

    with pytest.raises(TooManyRequestsError):
        limit.require("192.0.2.1")


@requirement("serving.limits")
def test_a_flood_of_addresses_fills_no_more_than_the_table(clock: SetClock) -> None:
    limit = Limit(clock, 5, most=100)

    for number in range(10_000):
        limit.take(f"2001:db8:0:{number:x}::/64")

    assert len(limit) == 100


def test_windows_that_closed_are_forgotten(clock: SetClock) -> None:
    limit = Limit(clock, 5)
    for number in range(50):
        limit.take(str(number))
        clock.advance(timedelta(seconds=1))

    clock.advance(timedelta(seconds=20))
    limit.take("late")

    assert len(limit) == 40


def test_a_flood_of_addresses_forgets_no_person(clock: SetClock) -> None:
    limits = Limits(clock, Rates.of(10))
    for _ in range(10):
        limits["person"].take("ada")

    for number in range(5_000):
        limits["stranger"].take(str(number))

    assert refused(limits["person"], "ada") == 60


def test_a_clock_that_is_set_back_makes_nobody_wait_for_long(clock: SetClock) -> None:
    limit = Limit(clock, 1)
    limit.take("192.0.2.1")
    clock.advance(timedelta(days=-1))

    assert refused(limit) == 0
    assert refused(limit) == 60


def test_only_so_many_strangers_try_secrets_at_a_time(clock: SetClock) -> None:
    limits = Limits(clock, room=2)

    with limits.room("recovery"), limits.room("recovery"), pytest.raises(BusyNowError) as busy:
        limits.require_room("recovery")
    with (
        limits.room("recovery"),
        limits.room("recovery"),
        pytest.raises(BusyNowError),
        limits.room("recovery"),
    ):
        raise AssertionError
    limits.require_room("recovery")

    assert busy.value.headers == {"Retry-After": "2"}


def test_secrets_of_one_kind_take_no_place_from_another(clock: SetClock) -> None:
    limits = Limits(clock, room=1)

    with limits.room("recovery"), limits.room("sign_in"), pytest.raises(BusyNowError):
        limits.require_room("recovery")


def test_names_of_any_script_are_clients_of_their_own(clock: SetClock) -> None:
    limit = Limit(clock, 1)
    names = ["é", "e\u0301", "ﾃ", "テ", "a/1", "a", "ℌ", "H"]

    assert [refused(limit, name) for name in names] == [0] * len(names)
    assert [refused(limit, name) for name in names] == [60] * len(names)


def test_what_is_guarded_has_the_lower_limits(clock: SetClock) -> None:
    rates = Rates.of()

    assert rates.person > rates.token > rates.stranger
    assert rates.stranger > max(rates.sign_in, rates.recovery, rates.enrolment, rates.step_up)
    assert Rates.of(1) == Rates(*itertools.repeat(1, 9))
    assert refused(Limits(clock)["recovery"]) == 0
