from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from mnemosyne.accounts.model import Person
from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.model import Contact
from mnemosyne.events import outbox
from mnemosyne.kit.database import Database
from tests.clock import START, SetClock
from tests.requirements import requirement

TOPIC = "memory-captured"


def record(tx: Connection, owner: str, subject: str) -> None:
    outbox.record(tx, owner=owner, topic=TOPIC, subject=subject, at=START)


def subjects(tx: Connection) -> list[str]:
    return [event.subject for event in outbox.due(tx, TOPIC, START, 100)]


@requirement("outbox.atomic")
async def test_a_job_exists_exactly_when_its_row_was_committed(
    database: Database, person: Person
) -> None:
    def write(tx: Connection, name: str) -> None:
        who = Contact(name.ljust(32, "0"), name, (), "given")
        contacts.insert_contact(tx, person.id, who, START)
        record(tx, person.id, name)

    def fail(tx: Connection) -> None:
        write(tx, "Grace")
        raise LookupError("after both")

    await database.write(lambda tx: write(tx, "Ada"))
    with pytest.raises(LookupError):
        await database.write(fail)

    everyone = await database.read(lambda tx: contacts.everyone(tx, person.id))
    assert [who.name for who in everyone] == ["Ada"]
    assert await database.read(subjects) == ["Ada"]


def test_an_event_is_read_back_as_recorded(tx: Connection, person: Person) -> None:
    payload = {"depth": 3, "tags": ["a"]}
    outbox.record(tx, owner=person.id, topic=TOPIC, subject="s", at=START, payload=payload)

    (event,) = outbox.due(tx, TOPIC, START, 10)

    assert (event.owner, event.topic, event.subject) == (person.id, TOPIC, "s")
    assert event.payload == payload
    assert event.attempts == 0
    assert outbox.find(tx, person.id, TOPIC, "s") == event


def test_of_several_events_about_one_thing_the_oldest_is_found(
    tx: Connection, person: Person
) -> None:
    record(tx, person.id, "edited before it was enriched")
    record(tx, person.id, "edited before it was enriched")

    found = outbox.find(tx, person.id, TOPIC, "edited before it was enriched")

    assert found == outbox.due(tx, TOPIC, START, 10)[0]


def test_events_come_oldest_first_and_only_of_their_topic(tx: Connection, person: Person) -> None:
    outbox.record_many(tx, person.id, TOPIC, ["b", "a", "c"], START)
    outbox.record_many(tx, person.id, "another", ["x"], START)
    outbox.record_many(tx, person.id, TOPIC, [], START)

    assert [event.subject for event in outbox.due(tx, TOPIC, START, 2)] == ["b", "a"]


def test_an_event_waits_until_its_time(tx: Connection, person: Person, clock: SetClock) -> None:
    record(tx, person.id, "s")
    events = outbox.due(tx, TOPIC, clock(), 10)
    outbox.postpone(tx, events, clock() + timedelta(seconds=2), "not-yet", counts=False)

    assert outbox.due(tx, TOPIC, clock(), 10) == []
    clock.advance(timedelta(seconds=2))
    (event,) = outbox.due(tx, TOPIC, clock(), 10)
    assert event.attempts == 0


def test_a_finished_event_is_gone_and_the_others_stay(tx: Connection, person: Person) -> None:
    outbox.record_many(tx, person.id, TOPIC, ["a", "b", "c"], START)
    first, second, _ = outbox.due(tx, TOPIC, START, 10)

    outbox.finish(tx, [first, second])

    assert subjects(tx) == ["c"]


def test_nobody_finds_the_job_of_somebody_else(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    record(tx, somebody_else.id, "s")

    assert outbox.find(tx, person.id, TOPIC, "s") is None


def test_the_backlog_counts_what_waits_and_what_was_given_up(
    tx: Connection, person: Person
) -> None:
    assert outbox.backlog(tx) == outbox.Backlog(0, 0, None)
    record(tx, person.id, "old")
    outbox.record_many(tx, person.id, TOPIC, ["a", "b"], START + timedelta(hours=1))
    (_, bad, _) = outbox.due(tx, TOPIC, START + timedelta(hours=1), 10)
    for _ in range(outbox.MOST_ATTEMPTS):
        outbox.postpone(tx, [bad], START, "some-code", counts=True)

    assert outbox.backlog(tx) == outbox.Backlog(2, 1, START)


@requirement("outbox.retry")
def test_what_was_given_up_can_be_asked_for_again(tx: Connection, person: Person) -> None:
    record(tx, person.id, "s")
    record(tx, "somebody else", "s")
    events = outbox.due(tx, TOPIC, START, 10)
    for _ in range(outbox.MOST_ATTEMPTS):
        outbox.postpone(tx, events, START, "some-code", counts=True)
    assert outbox.due(tx, TOPIC, START, 10) == []

    assert outbox.retry_failed(tx, person.id, START) == 1

    (event,) = outbox.due(tx, TOPIC, START, 10)
    assert event.attempts == 0
    said = select(outbox.outbox.c.error).where(outbox.outbox.c.owner == person.id)
    assert tx.execute(said).scalar_one() == ""
    assert outbox.retry_failed(tx, person.id, START) == 0
    assert outbox.backlog(tx, "somebody else").failed == 1
