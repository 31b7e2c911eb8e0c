"""Threads: conversations, and the parts of one long text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.memories.store.tables import thread

_AT_ONCE = 500  # keys in one condition


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread to be: its title, and the SHA-256 in hex of the original it was read from."""

    title: str
    original_digest: str


def ensure(
    tx: Connection, owner: Identifier, source: str, wanted: Mapping[str, Thread], at: datetime
) -> dict[str, Identifier]:
    """Return the id of each thread of ``source`` by its key; make those that are missing.

    A thread that was there takes over the title and the digest.
    """
    found = _ids(tx, owner, source, list(wanted))
    for key, thread_id in found.items():
        tx.execute(
            update(thread)
            .where(thread.c.owner == owner, thread.c.id == thread_id)
            .values(title=wanted[key].title, original_digest=wanted[key].original_digest)
        )
    missing = {key: new_id(at) for key in wanted if key not in found}
    rows = [
        {
            "id": thread_id,
            "owner": owner,
            "source": source,
            "key": key,
            "title": wanted[key].title,
            "original_digest": wanted[key].original_digest,
        }
        for key, thread_id in missing.items()
    ]
    if rows:
        tx.execute(insert(thread), rows)
    return {**found, **missing}


def _ids(tx: Connection, owner: Identifier, source: str, keys: list[str]) -> dict[str, Identifier]:
    found = {}
    for start in range(0, len(keys), _AT_ONCE):
        query = select(thread.c.key, thread.c.id).where(
            thread.c.owner == owner,
            thread.c.source == source,
            thread.c.key.in_(keys[start : start + _AT_ONCE]),
        )
        found.update({row.key: row.id for row in tx.execute(query)})
    return found
