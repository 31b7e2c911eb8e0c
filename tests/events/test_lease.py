import pytest
from sqlalchemy import Connection

from mnemosyne.events import lease
from mnemosyne.events.lease import LEASE_SECONDS, Lease, LeaseLostError
from tests.requirements import requirement

BOOT = "boot-1"


def take(tx: Connection, holder: str, now: float, boot: str = BOOT) -> Lease | None:
    return lease.acquire(tx, "work", holder, boot=boot, now=now)


@requirement("processes.one-leader")
def test_one_of_two_leads_and_keeps_leading_as_long_as_it_renews(tx: Connection) -> None:
    first = take(tx, "a", 0.0)

    assert first == Lease("work", "a", 1)
    for moment in (5.0, 14.9, 29.0, 43.0):
        assert take(tx, "b", moment) is None
        assert take(tx, "a", moment) == first


@requirement("processes.takeover")
def test_a_leader_that_fell_silent_is_followed_by_another(tx: Connection) -> None:
    take(tx, "a", 100.0)

    assert take(tx, "b", 100.0 + LEASE_SECONDS - 0.001) is None
    assert take(tx, "b", 100.0 + LEASE_SECONDS) == Lease("work", "b", 2)
    assert take(tx, "a", 100.0 + LEASE_SECONDS) is None


@requirement("processes.takeover")
@pytest.mark.parametrize("now", [0.0, 5.0, 1e9])
def test_after_a_restart_of_the_machine_the_old_lease_means_nothing(
    tx: Connection, now: float
) -> None:
    take(tx, "a", 1000.0)  # monotonic time begins anew with each boot

    assert take(tx, "b", now, boot="boot-2") == Lease("work", "b", 2)


@requirement("processes.fence")
def test_a_leader_that_was_overtaken_is_refused(tx: Connection) -> None:
    overtaken = take(tx, "a", 0.0)
    current = take(tx, "b", LEASE_SECONDS)
    assert overtaken is not None
    assert current is not None

    lease.require(tx, current)
    with pytest.raises(LeaseLostError) as lost:
        lease.require(tx, overtaken)

    assert lost.value.code == "lease-lost"
    assert lost.value.name == "work"
    assert "work" in str(lost.value)
    assert lost.value.why
    assert lost.value.hint


@requirement("processes.fence")
def test_a_leader_that_slept_through_its_lease_gets_a_new_fence(tx: Connection) -> None:
    before = take(tx, "a", 0.0)
    after = take(tx, "a", LEASE_SECONDS)
    assert before is not None
    assert after is not None

    assert after.fence == before.fence + 1
    with pytest.raises(LeaseLostError):
        lease.require(tx, before)


def test_a_lease_given_back_is_free_at_once(tx: Connection) -> None:
    held = take(tx, "a", 10.0)
    assert held is not None

    lease.release(tx, held)

    assert take(tx, "b", 10.0) == Lease("work", "b", 2)


def test_a_lease_is_not_given_back_by_somebody_who_lost_it(tx: Connection) -> None:
    overtaken = take(tx, "a", 0.0)
    take(tx, "b", LEASE_SECONDS)
    assert overtaken is not None

    lease.release(tx, overtaken)

    assert take(tx, "c", LEASE_SECONDS) is None


def test_leases_of_two_names_are_independent(tx: Connection) -> None:
    take(tx, "a", 0.0)

    assert lease.acquire(tx, "other", "b", boot=BOOT, now=0.0) == Lease("other", "b", 1)


def test_the_boot_of_this_machine_has_one_identity() -> None:
    assert lease.boot_identity() == lease.boot_identity()
    assert 0 < len(lease.boot_identity()) <= 64
