"""What was imported from where: records of entries, and checkpoints of files and conversations.

Both know the source by keyed hashes alone, so that after an erase nothing of it can be told.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.importing.planning import Known
from mnemosyne.memories.store.tables import erasure, import_checkpoint, import_record, memory

T = TypeVar("T")
_AT_ONCE = 500  # values in one condition


@dataclass(frozen=True, slots=True)
class Imported:
    """What is remembered of an entry: where it came from, what it said, what it became."""

    source_key: bytes
    text_hash: bytes
    memory_id: Identifier
    version: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """By what the store tells two memories of one source apart: text, source id and moment."""

    digest: bytes
    source_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Twin:
    """A memory that is exactly an entry already."""

    memory_id: Identifier
    version: int
    in_bin: bool
    occurred_at: datetime


def known(
    tx: Connection, owner: Identifier, source: str, source_keys: Sequence[bytes]
) -> dict[bytes, Known]:
    """Return what is known of entries of ``source``, and how their memories stand now."""
    found = {}
    joined = import_record.outerjoin(
        memory, and_(memory.c.id == import_record.c.memory_id, memory.c.owner == owner)
    )
    for keys in _batches(source_keys):
        query = (
            select(
                import_record,
                memory.c.version.label("current"),
                memory.c.deleted_at,
                memory.c.occurred_at,
            )
            .select_from(joined)
            .where(
                import_record.c.owner == owner,
                import_record.c.source == source,
                import_record.c.source_key.in_(keys),
            )
        )
        for row in tx.execute(query):
            found[row.source_key] = Known(
                memory_id=row.memory_id,
                text_hash=row.text_hash,
                version=row.version,
                current=row.current,
                in_bin=row.deleted_at is not None,
                occurred_at=row.occurred_at,
            )
    return found


def remember(tx: Connection, owner: Identifier, source: str, imported: Sequence[Imported]) -> None:
    """Keep records of entries, in place of what was kept of them before."""
    for batch in _batches(imported):
        tx.execute(
            delete(import_record).where(
                import_record.c.owner == owner,
                import_record.c.source == source,
                import_record.c.source_key.in_([each.source_key for each in batch]),
            )
        )
    rows = [
        {
            "owner": owner,
            "source": source,
            "source_key": each.source_key,
            "text_hash": each.text_hash,
            "memory_id": each.memory_id,
            "version": each.version,
        }
        for each in imported
    ]
    if rows:
        tx.execute(insert(import_record), rows)


def of_erased(tx: Connection, owner: Identifier) -> dict[Identifier, list[tuple[str, Imported]]]:
    """Return the records that outlived an erase, each with its source, by the erased memory."""
    erased = select(erasure.c.memory_id).where(erasure.c.owner == owner)
    query = (
        select(import_record)
        .where(import_record.c.owner == owner, import_record.c.memory_id.in_(erased))
        .order_by(import_record.c.source, import_record.c.source_key)
    )
    found: dict[Identifier, list[tuple[str, Imported]]] = defaultdict(list)
    for row in tx.execute(query):
        kept = Imported(row.source_key, row.text_hash, row.memory_id, row.version)
        found[row.memory_id].append((row.source, kept))
    return found


def keep_away(tx: Connection, owner: Identifier, source: str, erased: Sequence[Imported]) -> None:
    """Keep records of entries whose memories were erased, so that an import leaves them out.

    A record of a younger memory stays: identifiers grow with time, and an entry that came back
    after an erase came because the person asked.
    """
    latest = {each.source_key: each for each in sorted(erased, key=attrgetter("memory_id"))}
    there = known(tx, owner, source, list(latest))
    younger = {key for key, each in there.items() if each.memory_id >= latest[key].memory_id}
    missing = [each for key, each in latest.items() if key not in younger]
    remember(tx, owner, source, missing)


def twins(
    tx: Connection, owner: Identifier, source: str, wanted: Sequence[Likeness]
) -> dict[Likeness, Twin]:
    """Return the memories that already are what is ``wanted``, in the bin or not."""
    found = {}
    for batch in _batches(wanted):
        query = select(
            memory.c.id,
            memory.c.content_hash,
            memory.c.source_id,
            memory.c.occurred_at,
            memory.c.version,
            memory.c.deleted_at,
        ).where(
            memory.c.owner == owner,
            memory.c.source == source,
            memory.c.content_hash.in_([each.digest for each in batch]),
        )
        for row in tx.execute(query):
            like = Likeness(row.content_hash, row.source_id, row.occurred_at)
            found[like] = Twin(row.id, row.version, row.deleted_at is not None, row.occurred_at)
    return found


def checkpoints(
    tx: Connection, owner: Identifier, source: str, unit_keys: Sequence[bytes]
) -> dict[bytes, str]:
    """Return the keyed digest of each unit as it was last imported, by its keyed name."""
    found = {}
    for keys in _batches(unit_keys):
        query = select(import_checkpoint.c.unit_key, import_checkpoint.c.digest)
        rows = tx.execute(query.where(*_units(owner, source, keys)))
        found.update({row.unit_key: row.digest for row in rows})
    return found


def mark_done(
    tx: Connection, owner: Identifier, source: str, digests: Mapping[bytes, str], at: datetime
) -> None:
    """Set checkpoints: all of these units is stored."""
    for keys in _batches(list(digests)):
        tx.execute(delete(import_checkpoint).where(*_units(owner, source, keys)))
    rows = [
        {"owner": owner, "source": source, "unit_key": key, "digest": digest, "done_at": at}
        for key, digest in digests.items()
    ]
    if rows:
        tx.execute(insert(import_checkpoint), rows)


def _units(owner: Identifier, source: str, unit_keys: Sequence[bytes]) -> list[ColumnElement[bool]]:
    return [
        import_checkpoint.c.owner == owner,
        import_checkpoint.c.source == source,
        import_checkpoint.c.unit_key.in_(unit_keys),
    ]


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
