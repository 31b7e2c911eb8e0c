"""The transactional outbox: a job exists exactly when the row that asks for it was committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

MOST_ATTEMPTS: Final = 5

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(32), nullable=False),
    Column("topic", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    Index(None, "topic", "available_at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and still asks for work."""

    seq: int
    owner: Identifier
    topic: str
    subject: str
    payload: Mapping[str, object]
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much work waits: events ready or delayed, given up on, and the age of the oldest."""

    waiting: int
    failed: int
    oldest: datetime | None


def record(
    tx: Connection,
    *,
    owner: Identifier,
    topic: str,
    subject: str,
    at: datetime,
    payload: Mapping[str, object] | None = None,
) -> None:
    """Add an event in the caller's transaction."""
    tx.execute(insert(outbox), [_row(owner, topic, subject, at, payload or {})])


def record_all(
    tx: Connection, *, owner: Identifier, topic: str, subjects: Sequence[str], at: datetime
) -> None:
    """Add one event for each of ``subjects`` in the caller's transaction."""
    if subjects:
        tx.execute(insert(outbox), [_row(owner, topic, subject, at, {}) for subject in subjects])


def _row(
    owner: Identifier, topic: str, subject: str, at: datetime, payload: Mapping[str, object]
) -> dict[str, object]:
    return {
        "owner": owner,
        "topic": topic,
        "subject": subject,
        "payload": dict(payload),
        "created_at": at,
        "available_at": at,
        "attempts": 0,
        "error": "",
    }


def record_many(
    tx: Connection, owner: Identifier, topic: str, subjects: Sequence[str], at: datetime
) -> None:
    """Add one event for each subject in the caller's transaction."""
    if subjects:
        common = {
            "owner": owner,
            "topic": topic,
            "payload": {},
            "created_at": at,
            "available_at": at,
            "attempts": 0,
            "error": "",
        }
        tx.execute(insert(outbox), [common | {"subject": subject} for subject in subjects])


_FINISH: Final = delete(outbox).where(outbox.c.seq.in_(bindparam("seqs", expanding=True)))
Held = Select[tuple[str]] | None
"""The owners whose events wait as they are, as a query; None where nobody's do."""


@cache
def _due(held: Held) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            outbox.c.seq,
            outbox.c.owner,
            outbox.c.topic,
            outbox.c.subject,
            outbox.c.payload,
            outbox.c.attempts,
        )
        .where(
            outbox.c.topic == bindparam("topic"),
            outbox.c.available_at <= bindparam("now"),
            outbox.c.attempts < MOST_ATTEMPTS,
        )
        .order_by(outbox.c.seq)
        .limit(bindparam("most"))
    )
    return query if held is None else query.where(outbox.c.owner.not_in(held))


@cache
def _topics_due(topics: tuple[tuple[str, Held], ...]) -> Select[*tuple[Any, ...]]:
    return select(
        *(
            exists()
            .where(
                outbox.c.topic == topic,
                outbox.c.available_at <= bindparam("now"),
                outbox.c.attempts < MOST_ATTEMPTS,
                *(() if held is None else (outbox.c.owner.not_in(held),)),
            )
            .label(f"topic_{number}")
            for number, (topic, held) in enumerate(topics)
        )
    )


def topics_due(tx: Connection, topics: tuple[tuple[str, Held], ...], now: datetime) -> list[str]:
    """Return those of ``topics`` that have an event which may be worked on now.

    Beside each topic stands whose events of it wait.
    """
    row = tx.execute(_topics_due(topics), {"now": now}).one()
    return [topic for (topic, _), waits in zip(topics, row, strict=True) if waits]


def due(tx: Connection, topic: str, now: datetime, limit: int, held: Held = None) -> list[Event]:
    """Return the oldest events of ``topic`` that may be worked on now and are not ``held``."""
    rows = tx.execute(_due(held), {"topic": topic, "now": now, "most": limit})
    return [Event(*row) for row in rows]


def find(tx: Connection, owner: Identifier, topic: str, subject: str) -> Event | None:
    """Return the oldest event about ``subject`` that is not done, or None.

    There may be several: a memory that was edited before it was enriched waits twice.
    """
    r = tx.execute(
        select(outbox)
        .where(outbox.c.owner == owner, outbox.c.topic == topic, outbox.c.subject == subject)
        .order_by(outbox.c.seq)
        .limit(1)
    ).one_or_none()
    return None if r is None else Event(r.seq, r.owner, r.topic, r.subject, r.payload, r.attempts)


def finish(tx: Connection, events: Sequence[Event]) -> None:
    """Remove events whose work is part of the caller's transaction."""
    tx.execute(_FINISH, {"seqs": [event.seq for event in events]})


def postpone(
    tx: Connection, events: Sequence[Event], until: datetime, error: str, *, counts: bool
) -> None:
    """Try again later; ``counts`` tells whether this was one of the limited attempts."""
    tx.execute(
        update(outbox)
        .where(outbox.c.seq.in_([event.seq for event in events]))
        .values(available_at=until, error=error, attempts=outbox.c.attempts + int(counts))
    )


def retry_failed(tx: Connection, owner: Identifier, now: datetime) -> int:
    """Give every abandoned event of ``owner`` its attempts back; return how many there were."""
    result = tx.execute(
        update(outbox)
        .where(outbox.c.owner == owner, outbox.c.attempts >= MOST_ATTEMPTS)
        .values(attempts=0, available_at=now, error="")
    )
    return result.rowcount


def backlog(tx: Connection, owner: Identifier | None = None, held: Held = None) -> Backlog:
    """Return how much work waits for everybody, or for ``owner``; of the ``held`` none counts."""
    failed = outbox.c.attempts >= MOST_ATTEMPTS
    whose = true() if owner is None else outbox.c.owner == owner
    if held is not None:
        whose &= outbox.c.owner.not_in(held)
    waiting, oldest = tx.execute(
        select(func.count(), func.min(outbox.c.created_at)).where(~failed, whose)
    ).one()
    given_up = tx.execute(select(func.count()).where(failed, whose)).scalar_one()
    return Backlog(waiting, given_up, oldest)
