"""Remove memories from every table, and keep the ledger of what was erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from mnemosyne.events import change_log
from mnemosyne.events.outbox import outbox
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.store import full_text
from mnemosyne.memories.store.tables import (
    embedding,
    erasure,
    memory,
    memory_date,
    memory_domain,
    memory_link,
    memory_mention,
    memory_tag,
    memory_validity,
    memory_version,
    thread,
)

_BY_ID = {
    "earlier wordings": memory_version,
    "earlier ends": memory_validity,
    "tags": memory_tag,
    "domains": memory_domain,
    "names": memory_mention,
    "dates": memory_date,
    "links": memory_link,
}


@dataclass(frozen=True, slots=True)
class Erasing:
    """A row of the erasure ledger."""

    counter: int
    memory_id: Identifier
    requested_at: datetime
    completed_at: datetime | None


def preview(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> dict[str, int]:
    """Return how many copies there are, by kind."""
    found = {"texts, each once in full text": len(_seqs(tx, owner, ids))}
    for kind, table in _BY_ID.items():
        query = select(func.count()).select_from(table)
        owned = query.where(table.c.owner == owner, table.c.memory_id.in_(ids))
        found[kind] = tx.execute(owned).scalar_one()
    vectors = select(func.count()).select_from(embedding)
    mine = vectors.where(
        embedding.c.owner == owner, embedding.c.memory_seq.in_(_seqs(tx, owner, ids))
    )
    found["vectors"] = tx.execute(mine).scalar_one()
    return {kind: number for kind, number in found.items() if number}


def erase(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> None:
    """Remove memories with everything that follows from them; pages are overwritten."""
    seqs = _seqs(tx, owner, ids)
    threads = _threads(tx, owner, ids)
    full_text.remove(tx, owner, seqs)
    for table in _BY_ID.values():
        tx.execute(delete(table).where(table.c.owner == owner, table.c.memory_id.in_(ids)))
    tx.execute(
        delete(memory_link).where(memory_link.c.owner == owner, memory_link.c.target.in_(ids))
    )
    tx.execute(
        delete(embedding).where(embedding.c.owner == owner, embedding.c.memory_seq.in_(seqs))
    )
    tx.execute(delete(outbox).where(outbox.c.owner == owner, outbox.c.subject.in_(ids)))
    tx.execute(delete(memory).where(memory.c.owner == owner, memory.c.id.in_(ids)))
    left = select(memory.c.thread_id).where(memory.c.owner == owner)
    tx.execute(
        delete(thread).where(
            thread.c.owner == owner, thread.c.id.in_(threads), thread.c.id.not_in(left)
        )
    )
    change_log.removed(tx, owner, seqs)


def enter(
    tx: Connection,
    owner: Identifier,
    ids: Sequence[Identifier],
    request: Identifier,
    at: datetime,
) -> None:
    """Write memories into the ledger as being erased; those that stand there already stay."""
    known = select(erasure.c.memory_id).where(
        erasure.c.owner == owner, erasure.c.memory_id.in_(ids)
    )
    listed = set(tx.execute(known).scalars())
    rows = [
        {"owner": owner, "memory_id": each, "request": request, "requested_at": at}
        for each in ids
        if each not in listed
    ]
    if rows:
        tx.execute(insert(erasure), rows)


def complete(tx: Connection, owner: Identifier, request: Identifier, at: datetime) -> bool:
    """Mark a request as complete; False when it was already."""
    done = tx.execute(
        update(erasure)
        .where(
            erasure.c.owner == owner,
            erasure.c.request == request,
            erasure.c.completed_at.is_(None),
        )
        .values(completed_at=at)
    )
    return done.rowcount > 0


def asked(tx: Connection, owner: Identifier, request: Identifier) -> int:
    """Return how many memories a request of ``owner`` named; 0 where it is none of theirs."""
    rows = select(func.count()).select_from(erasure)
    return int(
        tx.execute(rows.where(erasure.c.owner == owner, erasure.c.request == request)).scalar_one()
    )


def ledger(tx: Connection, owner: Identifier) -> list[Erasing]:
    """Return everything ``owner`` ever erased, in order."""
    rows = tx.execute(select(erasure).where(erasure.c.owner == owner).order_by(erasure.c.counter))
    return [Erasing(r.counter, r.memory_id, r.requested_at, r.completed_at) for r in rows]


def was_erased(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> set[Identifier]:
    """Return those of ``ids`` that were erased."""
    rows = tx.execute(
        select(erasure.c.memory_id).where(erasure.c.owner == owner, erasure.c.memory_id.in_(ids))
    )
    return set(rows.scalars())


def unfinished(tx: Connection, owner: Identifier) -> int:
    """Return how many memories are still being erased."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(erasure)
            .where(erasure.c.owner == owner, erasure.c.completed_at.is_(None))
        ).scalar_one()
    )


def _seqs(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> list[int]:
    query = select(memory.c.seq).where(memory.c.owner == owner, memory.c.id.in_(ids))
    return list(tx.execute(query).scalars())


def _threads(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> list[Identifier]:
    query = select(memory.c.thread_id).where(memory.c.owner == owner, memory.c.id.in_(ids))
    return [each for each in set(tx.execute(query).scalars()) if each]
