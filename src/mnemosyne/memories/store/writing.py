"""Write memories: each write keeps rows, full text, change log and outbox together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from mnemosyne.events import change_log, outbox
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.composing import NewMemory, Text
from mnemosyne.memories.enrichment.importance import Importance
from mnemosyne.memories.errors import DuplicateTextError
from mnemosyne.memories.model import (
    DomainSource,
    Memory,
    MemoryDomain,
    Moment,
    Origin,
    SecretState,
    Status,
)
from mnemosyne.memories.search.full_text_document import (
    FullTextDocument,
    caption_of,
    document,
)
from mnemosyne.memories.store import embeddings, full_text, labels
from mnemosyne.memories.store.conditions import one
from mnemosyne.memories.store.rows import row_of
from mnemosyne.memories.store.tables import memory, memory_validity, memory_version

ENRICH = "memory.enrich"
_AT_ONCE = 500  # identifiers in one condition
_TWIN = select(memory.c.id).where(
    *(
        memory.c[name] == bindparam(name)
        for name in ("owner", "content_hash", "source", "source_id", "occurred_at")
    )
)
_INSERT_ONE = insert(memory).returning(memory.c.seq)


def twin_of(tx: Connection, new: NewMemory) -> Identifier | None:
    """Return the memory that is exactly this one already: text, origin and moment."""
    return _twin(tx, new.owner, new.text, new.origin, new.occurred)


def _twin(
    tx: Connection, owner: Identifier, text: Text, origin: Origin, occurred: Moment
) -> Identifier | None:
    wanted = {
        "owner": owner,
        "content_hash": text.digest,
        "source": origin.source,
        "source_id": origin.source_id,
        "occurred_at": occurred.at,
    }
    found = tx.execute(_TWIN, wanted).scalar()
    return None if found is None else str(found)


def insert_all(tx: Connection, memories: Sequence[NewMemory]) -> list[int]:
    """Store memories of one owner, none of which is there yet; return their numbers, in order.

    Full text, change log and the event that asks for enrichment are part of it.
    """
    if not memories:
        return []
    owner, at = memories[0].owner, memories[0].created_at
    seqs = _insert_rows(tx, memories)
    labels.add_tags(tx, owner, [(new.id, tag) for new in memories for tag in new.tags])
    labels.add_domains(
        tx,
        owner,
        [
            (new.id, MemoryDomain(name, 1.0, DomainSource.USER, 1.0))
            for new in memories
            for name in new.domains
        ],
    )
    full_text.put(tx, owner, zip(seqs, map(_document_of_new, memories), strict=True))
    change_log.put(tx, owner, seqs)
    outbox.record_all(tx, owner=owner, topic=ENRICH, subjects=[new.id for new in memories], at=at)
    return seqs


def _insert_rows(tx: Connection, memories: Sequence[NewMemory]) -> list[int]:
    rows = [row_of(new) for new in memories]
    if len(rows) == 1:
        return [tx.execute(_INSERT_ONE, rows[0]).scalar_one()]
    tx.execute(insert(memory), rows)
    return _numbers_of(tx, memories[0].owner, [new.id for new in memories])


def _numbers_of(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> list[int]:
    # Asked for afterwards: SQLite returns numbers in the order of the rows for one row at a time.
    found = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = memory.c.id.in_(ids[start : start + _AT_ONCE])
        rows = tx.execute(select(memory.c.id, memory.c.seq).where(memory.c.owner == owner, some))
        found.update({row.id: row.seq for row in rows})
    return [found[memory_id] for memory_id in ids]


def new_version(
    tx: Connection, current: Memory, text: Text, occurred: Moment, at: datetime
) -> None:
    """Make ``text`` the memory and keep the wording before it.

    Raises:
        DuplicateTextError: another memory of the same origin and moment says exactly this.
    """
    twin = _twin(tx, current.owner, text, current.origin, occurred)
    if twin not in {None, current.id}:
        raise DuplicateTextError(twin)
    tx.execute(
        insert(memory_version).values(
            owner=current.owner,
            memory_id=current.id,
            version=current.version,
            title=current.title,
            content=current.content,
            recorded_at=current.updated_at,
        )
    )
    changed = {
        "content": text.content,
        "content_hash": text.digest,
        "title": text.title,
        "occurred_at": occurred.at,
        "occurred_precision": occurred.precision,
        "occurred_offset": occurred.utc_offset_minutes,
        "updated_at": at,
        "version": current.version + 1,
        "status": Status.PENDING,
        "secrets": SecretState.UNCHECKED,
        "language": "",
    }
    # What the earlier wording meant must not answer for the new one until that is embedded.
    embeddings.remove(tx, current.owner, current.seq)
    set_columns(tx, current, changed)
    outbox.record(tx, owner=current.owner, topic=ENRICH, subject=current.id, at=at)


def set_columns(tx: Connection, current: Memory, values: Mapping[str, Any]) -> None:
    """Change columns of a memory; other processes learn of it from the change log."""
    tx.execute(update(memory).where(one(current.owner, current.id)).values(**values))
    touch(tx, current)


def touch(tx: Connection, current: Memory) -> None:
    """Let other processes learn that something of a memory changed."""
    change_log.put(tx, current.owner, [current.seq])


def set_end(tx: Connection, current: Memory, valid_to: datetime | None, at: datetime) -> None:
    """Record at ``at`` until when a memory holds; what was recorded before stays known."""
    before = current.validity
    if before.valid_to is not None and before.ended_at is not None and before.ended_at < at:
        tx.execute(
            insert(memory_validity).values(
                owner=current.owner,
                memory_id=current.id,
                known_from=before.ended_at,
                known_until=at,
                valid_to=before.valid_to,
            )
        )
    ended_at = None if valid_to is None else at
    set_columns(tx, current, {"valid_to": valid_to, "ended_at": ended_at})


def set_importance(
    tx: Connection, current: Memory, found: Importance, override: float | None
) -> None:
    """Store how much a memory matters, why, and whether its person said so."""
    values = {
        "importance": found.value,
        "importance_reasons": list(found.reasons),
        "importance_override": override,
    }
    set_columns(tx, current, values)


def reindex(tx: Connection, memories: Sequence[Memory]) -> None:
    """Bring full text in line with the rows of memories outside the bin."""
    for owner in {each.owner for each in memories}:
        own = [each for each in memories if each.owner == owner]
        full_text.replace(tx, owner, [(each.seq, document_of(each)) for each in own])


def hide(tx: Connection, memories: Sequence[Memory], by: str, at: datetime) -> None:
    """Put memories of one owner to the bin, where no index finds them."""
    if not memories:
        return
    owner = memories[0].owner
    tx.execute(
        update(memory)
        .where(memory.c.owner == owner, memory.c.id.in_([each.id for each in memories]))
        .values(deleted_at=at, deleted_by=by)
    )
    seqs = [each.seq for each in memories]
    full_text.remove(tx, owner, seqs)
    change_log.removed(tx, owner, seqs)


def unhide(tx: Connection, memories: Sequence[Memory]) -> None:
    """Take memories of one owner out of the bin, as they were."""
    if not memories:
        return
    owner = memories[0].owner
    tx.execute(
        update(memory)
        .where(memory.c.owner == owner, memory.c.id.in_([each.id for each in memories]))
        .values(deleted_at=None, deleted_by="")
    )
    reindex(tx, memories)
    change_log.put(tx, owner, [each.seq for each in memories])


def hidden_since(tx: Connection, owner: Identifier, by: str, since: datetime) -> int:
    """Return how many memories ``by`` has put to the bin since a moment."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(memory)
            .where(
                memory.c.owner == owner,
                memory.c.deleted_at >= since,
                memory.c.deleted_by == by,
            )
        ).scalar_one()
    )


def opened(tx: Connection, current: Memory, at: datetime) -> bool:
    """Count that the person opened a memory; False when it was counted since this day began."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    last = memory.c.last_accessed_at
    counted = tx.execute(
        update(memory)
        .where(one(current.owner, current.id), or_(last.is_(None), last < day))
        .values(access_count=memory.c.access_count + 1, last_accessed_at=at)
    )
    return counted.rowcount > 0


def document_of(stored: Memory) -> FullTextDocument:
    """Return what full text indexes of a stored memory."""
    return document(
        stored.content,
        title=stored.title,
        speaker=stored.place.speaker,
        source=stored.origin.source,
        tags=stored.tags,
        occurred=stored.occurred,
        caption=caption_of(stored.attributes),
    )


def _document_of_new(new: NewMemory) -> FullTextDocument:
    return document(
        new.text.content,
        title=new.text.title,
        speaker=new.place.speaker,
        source=new.origin.source,
        tags=sorted(new.tags),  # as they are read again, or the index would differ from the row
        occurred=new.occurred,
        caption=caption_of(new.attributes),
    )
