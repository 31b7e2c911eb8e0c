import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from mnemosyne.accounts.model import Person
from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.model import Contact
from mnemosyne.events import lease, outbox
from mnemosyne.events.dispatcher import (
    LEASE_NAME,
    UNEXPECTED,
    Apply,
    Dispatcher,
    Handler,
    NotYetError,
)
from mnemosyne.events.outbox import MOST_ATTEMPTS, Event
from mnemosyne.kit.database import Database, DatabaseBusyError
from mnemosyne.kit.errors import MnemosyneError
from tests.clock import SetClock
from tests.house.tree import ROOT
from tests.requirements import requirement

TOPIC = "work"
SECRET = "what the person wrote"


class SayingTooMuchError(MnemosyneError):
    """An error whose words quote a memory, as an error of a handler may."""

    code = "saying-too-much"


def adding_contacts(events: Sequence[Event]) -> Apply:
    """Return what writes a contact for each event: a result whose presence can be seen."""

    def apply(tx: Connection) -> None:
        for event in events:
            who = Contact(f"{event.seq:032x}", event.subject, (), "work")
            contacts.insert_contact(tx, event.owner, who, SetClock()())

    return apply


async def works(events: Sequence[Event]) -> Apply:
    return adding_contacts(events)


def fails_with(error: Exception) -> Callable[[Sequence[Event]], Awaitable[Apply]]:
    async def prepare(_events: Sequence[Event]) -> Apply:
        raise error

    return prepare


class Node:
    """A vault with events and a dispatcher, and questions about what became of them."""

    def __init__(self, database: Database, owner: str, clock: SetClock) -> None:
        self.database = database
        self.owner = owner
        self.clock = clock

    async def asks_for(self, *subjects: str, topic: str = TOPIC) -> None:
        await self.database.write(
            lambda tx: outbox.record_many(tx, self.owner, topic, subjects, self.clock())
        )

    def dispatcher(self, *handlers: Handler) -> Dispatcher:
        return Dispatcher(self.database, handlers, self.clock)

    async def results(self) -> list[str]:
        everyone = await self.database.read(lambda tx: contacts.everyone(tx, self.owner))
        return [who.name for who in everyone]

    async def waiting(self) -> list[tuple[str, int, str]]:
        table = outbox.outbox
        query = select(table.c.subject, table.c.attempts, table.c.error).order_by(table.c.seq)
        return await self.database.read(
            lambda tx: [(row.subject, row.attempts, row.error) for row in tx.execute(query)]
        )


@pytest.fixture
def node(database: Database, person: Person, clock: SetClock) -> Node:
    return Node(database, person.id, clock)


@requirement("outbox.atomic")
async def test_a_job_is_gone_exactly_when_its_result_was_written(node: Node) -> None:
    await node.asks_for("a", "b", "c")

    assert await node.dispatcher(Handler(TOPIC, works, batch=2)).drain(30) == 3

    assert await node.results() == ["a", "b", "c"]
    assert await node.waiting() == []


async def test_a_batch_takes_no_more_than_fits(node: Node) -> None:
    taken: list[int] = []

    async def prepare(events: Sequence[Event]) -> Apply:
        taken.append(len(events))
        return adding_contacts(events)

    await node.asks_for("a", "b", "c")
    handler = Handler(TOPIC, prepare, batch=10, fitting=lambda _tx, events: min(2, len(events)))

    assert await node.dispatcher(handler).drain(30) == 3
    assert taken == [2, 1]


@requirement("outbox.atomic")
async def test_a_result_that_cannot_be_written_whole_leaves_the_job(node: Node) -> None:
    async def prepare(events: Sequence[Event]) -> Apply:
        def apply(tx: Connection) -> None:
            adding_contacts(events)(tx)
            raise SayingTooMuchError(SECRET)

        return apply

    await node.asks_for("a")

    assert await node.dispatcher(Handler(TOPIC, prepare)).drain(30) == 0

    assert await node.results() == []
    assert await node.waiting() == [("a", 1, "saying-too-much")]


async def test_progress_is_told_and_every_topic_has_its_turn(node: Node) -> None:
    await node.asks_for("a", "b", "c")
    await node.asks_for("x", topic="other")
    told: list[int] = []

    dispatcher = node.dispatcher(Handler(TOPIC, works, batch=2), Handler("other", works))

    assert await dispatcher.drain(30, told.append) == 4
    assert told == [3, 1]


async def test_without_work_or_time_nothing_is_done(node: Node) -> None:
    dispatcher = node.dispatcher(Handler(TOPIC, works))

    assert await dispatcher.drain(30) == 0
    await node.asks_for("a")
    assert await dispatcher.drain(0) == 0
    assert await node.waiting() == [("a", 0, "")]


async def test_draining_ends_when_its_time_is_over(node: Node) -> None:
    async def asks_for_more(_events: Sequence[Event]) -> Apply:
        await node.asks_for("again")
        return lambda _tx: None

    await node.asks_for("a")

    await node.dispatcher(Handler(TOPIC, asks_for_more)).drain(0.2)

    assert await node.waiting() == [("again", 0, "")]


@requirement("outbox.retry")
async def test_a_job_that_fails_waits_longer_each_time_and_is_given_up_after_five(
    node: Node,
) -> None:
    given_up: list[str] = []
    failing = Handler(
        TOPIC,
        fails_with(SayingTooMuchError(SECRET)),
        give_up=lambda _tx, events: given_up.extend(event.subject for event in events),
    )
    dispatcher = node.dispatcher(failing)
    await node.asks_for("a")

    for attempt in range(1, MOST_ATTEMPTS + 1):
        await dispatcher.drain(30)
        assert await node.waiting() == [("a", attempt, "saying-too-much")]
        assert given_up == (["a"] if attempt == MOST_ATTEMPTS else [])
        node.clock.advance(timedelta(seconds=2**attempt, microseconds=-1))
        await dispatcher.drain(30)
        assert await node.waiting() == [("a", attempt, "saying-too-much")]
        node.clock.advance(timedelta(microseconds=1))

    node.clock.advance(timedelta(days=1))
    await dispatcher.drain(30)
    assert await node.waiting() == [("a", 5, "saying-too-much")]

    await node.database.write(lambda tx: outbox.retry_failed(tx, node.owner, node.clock()))
    assert await node.dispatcher(Handler(TOPIC, works)).drain(30) == 1


@requirement("outbox.silent")
async def test_nothing_of_a_memory_is_kept_of_a_failed_job(node: Node) -> None:
    await node.asks_for("a")
    quoting = fails_with(SayingTooMuchError(SECRET, why=SECRET))
    await node.dispatcher(Handler(TOPIC, quoting)).drain(30)
    node.clock.advance(timedelta(minutes=1))
    with pytest.raises(ValueError, match=SECRET):
        await node.dispatcher(Handler(TOPIC, fails_with(ValueError(SECRET)))).drain(30)

    def everything(tx: Connection) -> str:
        return repr(tx.execute(select(outbox.outbox)).mappings().all())

    assert SECRET not in await node.database.read(everything)
    assert await node.waiting() == [("a", 2, UNEXPECTED)]


async def test_an_unexpected_error_is_seen_and_costs_an_attempt(node: Node) -> None:
    await node.asks_for("a")
    handler = Handler(TOPIC, fails_with(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        await node.dispatcher(handler).drain(30)

    assert await node.waiting() == [("a", 1, UNEXPECTED)]
    assert await node.dispatcher(handler).drain(30) == 0  # it waits its turn


async def test_one_bad_event_costs_its_batch_nothing(node: Node) -> None:
    async def prepare(events: Sequence[Event]) -> Apply:
        if any(event.subject == "bad" for event in events):
            raise SayingTooMuchError(SECRET)
        return adding_contacts(events)

    await node.asks_for("a", "bad", "c")

    assert await node.dispatcher(Handler(TOPIC, prepare, batch=10)).drain(30) == 2
    assert await node.results() == ["a", "c"]
    assert await node.waiting() == [("bad", 1, "saying-too-much")]


async def test_work_that_cannot_be_done_yet_returns_without_a_penalty(node: Node) -> None:
    not_yet = NotYetError("a reader holds the log")
    handler = Handler(TOPIC, fails_with(not_yet))
    await node.asks_for("a")

    for _ in range(MOST_ATTEMPTS + 2):
        await node.dispatcher(handler).drain(30)
        node.clock.advance(timedelta(seconds=2))

    assert await node.waiting() == [("a", 0, "not-yet")]


async def test_a_busy_vault_is_no_fault_of_the_job(node: Node) -> None:
    handler = Handler(TOPIC, fails_with(DatabaseBusyError()))
    await node.asks_for("a")

    with pytest.raises(DatabaseBusyError):
        await node.dispatcher(handler).drain(30)

    assert await node.waiting() == [("a", 0, "")]


async def _another_leads(database: Database) -> None:
    """Let a fresh process take the lease as if this one had slept through it."""
    past = update(lease.lease).values(until=0.0)

    def take(tx: Connection) -> None:
        tx.execute(past)
        assert lease.acquire(tx, LEASE_NAME, "another", boot=lease.boot_identity()) is not None

    await database.write(take)


@requirement("processes.one-leader")
async def test_who_does_not_lead_does_not_work(node: Node) -> None:
    await node.asks_for("a")
    await _another_leads(node.database)

    assert await node.dispatcher(Handler(TOPIC, works)).drain(30) == 0
    assert await node.waiting() == [("a", 0, "")]


@requirement("processes.fence")
@pytest.mark.parametrize("fails", [False, True])
async def test_the_result_of_a_leader_that_was_overtaken_is_not_written(
    node: Node, *, fails: bool
) -> None:
    async def sleeps_through_the_lease(events: Sequence[Event]) -> Apply:
        await _another_leads(node.database)
        if fails:
            raise SayingTooMuchError(SECRET)
        return adding_contacts(events)

    await node.asks_for("a")

    assert await node.dispatcher(Handler(TOPIC, sleeps_through_the_lease)).drain(30) == 0

    assert await node.results() == []
    assert await node.waiting() == [("a", 0, "")]


async def _lease_ends(database: Database) -> float:
    until = select(lease.lease.c.until)
    return await database.read(lambda tx: float(tx.execute(until).scalar_one()))


@requirement("processes.one-leader")
async def test_the_lead_is_kept_while_something_slow_is_prepared(node: Node) -> None:
    async def takes_longer_than_the_lease_has_left(events: Sequence[Event]) -> Apply:
        before = await _lease_ends(node.database)
        async with asyncio.timeout(30):
            # Each look takes its turn behind the renewal, so nothing spins.
            while await _lease_ends(node.database) <= before:
                pass
        return adding_contacts(events)

    await node.asks_for("a")
    handler = Handler(TOPIC, takes_longer_than_the_lease_has_left)
    dispatcher = Dispatcher(node.database, [handler], node.clock, renew_seconds=0.01)

    assert await dispatcher.drain(30) == 1
    assert await node.results() == ["a"]


async def test_a_leader_that_was_overtaken_while_preparing_stops_at_once(node: Node) -> None:
    async def never_ends(_events: Sequence[Event]) -> Apply:
        await _another_leads(node.database)
        return await asyncio.Event().wait()  # type: ignore[return-value] # never returns

    await node.asks_for("a")
    dispatcher = Dispatcher(
        node.database, [Handler(TOPIC, never_ends)], node.clock, renew_seconds=0.01
    )

    assert await dispatcher.drain(30) == 0
    assert await node.waiting() == [("a", 0, "")]


async def test_the_lead_is_given_back_after_draining(node: Node) -> None:
    await node.asks_for("a", "b")

    assert await node.dispatcher(Handler(TOPIC, works)).drain(30) == 2
    await node.asks_for("c")
    assert await node.dispatcher(Handler(TOPIC, works)).drain(30) == 1


async def test_what_the_last_result_asks_for_is_worked_on_as_well(node: Node) -> None:
    async def asks_for_more(events: Sequence[Event]) -> Apply:
        def apply(tx: Connection) -> None:
            if events[0].subject == "first":
                outbox.record_many(tx, node.owner, TOPIC, ["second"], node.clock())
            adding_contacts(events)(tx)

        return apply

    await node.asks_for("first")

    assert await node.dispatcher(Handler(TOPIC, asks_for_more)).drain(30) == 2
    assert await node.results() == ["first", "second"]


@requirement("processes.takeover")
async def test_another_process_takes_over_when_the_leader_is_killed(
    node: Node, database_path: Path
) -> None:
    await node.asks_for("a")
    leader = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
        [sys.executable, "-m", "tests.events.leader_process", str(database_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert leader.stdout is not None
    with leader.stdout as said:
        assert said.readline() == "leading\n"
        leader.kill()
    leader.wait()
    follower = node.dispatcher(Handler(TOPIC, works))
    assert await follower.drain(30) == 0  # the lease of the dead still runs

    # Its end comes by itself; rather than wait for it, put it into the past.
    await node.database.write(lambda tx: tx.execute(update(lease.lease).values(until=0.0)))

    assert await follower.drain(30) == 1
    assert await node.results() == ["a"]


async def test_running_works_on_what_comes_until_it_is_stopped(node: Node) -> None:
    stop = asyncio.Event()

    async def stops_after_the_last(events: Sequence[Event]) -> Apply:
        if events[0].subject == "last":
            stop.set()
        return adding_contacts(events)

    handler = Handler(TOPIC, stops_after_the_last)
    running = asyncio.create_task(node.dispatcher(handler).run(stop, idle_seconds=0.01))
    await node.asks_for("first")
    await node.asks_for("last")
    await running

    assert await node.results() == ["first", "last"]


async def test_what_is_stopped_ends_with_the_batch_under_way_and_gives_the_lead_back(
    node: Node,
) -> None:
    stop = asyncio.Event()

    async def stops(events: Sequence[Event]) -> Apply:
        stop.set()
        return adding_contacts(events)

    await node.asks_for("a", "b", "c")
    await node.dispatcher(Handler(TOPIC, stops)).run(stop)

    assert await node.results() == ["a"]
    assert await node.dispatcher(Handler(TOPIC, works)).drain(30) == 2
