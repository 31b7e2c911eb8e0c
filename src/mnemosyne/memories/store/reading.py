"""Read memories: one, several, or a page of a list."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)

from mnemosyne.kit.database import UtcDateTime
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.errors import AmbiguousReferenceError, MemoryNotFoundError
from mnemosyne.memories.model import Filter, Memory, Wording
from mnemosyne.memories.paging import Cursor, Order, Page, decode_cursor
from mnemosyne.memories.store import cursors, labels
from mnemosyne.memories.store.conditions import one, visible
from mnemosyne.memories.store.page_sizes import fitting
from mnemosyne.memories.store.rows import memory_of
from mnemosyne.memories.store.tables import memory, memory_version

SHORTEST_REFERENCE = 4
_WHOLE = 32
_AT_ONCE = 500  # identifiers in one condition
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def get(tx: Connection, owner: Identifier, memory_id: Identifier) -> Memory | None:
    """Return one memory of ``owner``, in the bin or not."""
    row = tx.execute(select(memory).where(one(owner, memory_id))).one_or_none()
    return None if row is None else _memories(tx, owner, [row])[0]


def require(tx: Connection, owner: Identifier, reference: str, *, binned: bool = False) -> Memory:
    """Return the memory that ``reference`` names: an identifier or the end of one.

    Raises:
        MemoryNotFoundError: there is none, or it is in the bin and ``binned`` is false.
        AmbiguousReferenceError: the end fits several.
    """
    memory_id = resolve(tx, owner, reference)
    found = get(tx, owner, memory_id)
    if found is None or (found.in_bin and not binned):
        raise MemoryNotFoundError(reference)
    return found


def require_all(
    tx: Connection, owner: Identifier, references: Sequence[str], *, binned: bool = False
) -> list[Memory]:
    """Return the memories that ``references`` name, each once, in their order.

    Whole identifiers are looked up together: a bin may hold tens of thousands.

    Raises:
        MemoryNotFoundError, AmbiguousReferenceError: as ``require``, of the first that is not one.
    """
    named = {
        reference: wanted
        if len(wanted := _undashed(reference)) == _WHOLE
        else resolve(tx, owner, reference)
        for reference in references
    }
    ids = list(dict.fromkeys(named.values()))
    found = {
        each.id: each
        for start in range(0, len(ids), _AT_ONCE)
        for each in by_ids(tx, owner, ids[start : start + _AT_ONCE])
        if binned or not each.in_bin
    }
    for reference, memory_id in named.items():
        if memory_id not in found:
            raise MemoryNotFoundError(reference)
    return [found[memory_id] for memory_id in ids]


def resolve(tx: Connection, owner: Identifier, reference: str) -> Identifier:
    """Return the identifier that ``reference`` ends.

    Raises:
        MemoryNotFoundError, AmbiguousReferenceError
    """
    wanted = _undashed(reference)
    hexadecimal = wanted and all(digit in "0123456789abcdef" for digit in wanted)
    if not hexadecimal or not SHORTEST_REFERENCE <= len(wanted) <= _WHOLE:
        raise MemoryNotFoundError(reference)
    query = select(memory.c.id).where(memory.c.owner == owner)
    if len(wanted) == _WHOLE:
        query = query.where(memory.c.id == wanted)
    else:
        query = query.where(memory.c.id.endswith(wanted)).limit(20)
    found = tuple(tx.execute(query).scalars())
    if not found:
        raise MemoryNotFoundError(reference)
    if len(found) > 1:
        raise AmbiguousReferenceError(reference, found)
    return str(found[0])


def _undashed(reference: str) -> str:
    return reference.strip().lower().replace("-", "")


def by_ids(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> list[Memory]:
    """Return memories of ``owner``, in the bin or not, in the order of ``ids``."""
    rows = tx.execute(select(memory).where(memory.c.owner == owner, memory.c.id.in_(ids))).all()
    found = {each.id: each for each in _memories(tx, owner, rows)}
    return [found[memory_id] for memory_id in ids if memory_id in found]


_NUMBERED = memory.c.seq.in_(bindparam("seqs", expanding=True))
# Made once: a search without a filter reads its hits by it.
_SEEN = select(memory).where(
    _NUMBERED, *visible(bindparam("owner"), Filter(), bindparam("now", type_=UtcDateTime()))
)


def by_seqs(
    tx: Connection, owner: Identifier, seqs: Sequence[int], wanted: Filter, now: datetime
) -> list[Memory]:
    """Return those of ``seqs`` that ``owner`` may see and asks for, in the same order."""
    asked = {"seqs": list(seqs)}
    if wanted == Filter():
        rows = tx.execute(_SEEN, {**asked, "owner": owner, "now": now}).all()
    else:
        rows = tx.execute(
            select(memory).where(_NUMBERED, *visible(owner, wanted, now)), asked
        ).all()
    found = {each.seq: each for each in _memories(tx, owner, rows)}
    return [found[seq] for seq in seqs if seq in found]


def page(
    tx: Connection,
    owner: Identifier,
    wanted: Filter,
    now: datetime,
    order: Order,
    cursor: str,
    limit: int,
) -> Page[Memory]:
    """Return one page of a list in ``order``; long texts make it shorter than ``limit``.

    Raises:
        MalformedCursorError: ``cursor`` is not that of a page of theirs in this order.
    """
    query = select(memory).where(*visible(owner, wanted, now))
    return _page(tx, owner, query, order, cursor, limit, of=repr(wanted))


def bin_page(tx: Connection, owner: Identifier, cursor: str, limit: int) -> Page[Memory]:
    """Return one page of the bin, what happened last first.

    Raises:
        MalformedCursorError: ``cursor`` is none of theirs.
    """
    query = select(memory).where(memory.c.owner == owner, memory.c.deleted_at.is_not(None))
    return _page(tx, owner, query, Order.TIME, cursor, limit, of="bin")


def bin_ids(tx: Connection, owner: Identifier) -> list[Identifier]:
    """Return the identifiers of everything in the bin, the latest stored first."""
    query = select(memory.c.id).where(memory.c.owner == owner, memory.c.deleted_at.is_not(None))
    return list(tx.execute(query.order_by(memory.c.seq.desc())).scalars())


def beside(
    tx: Connection, owner: Identifier, found: Memory
) -> tuple[Identifier | None, Identifier | None]:
    """Return what stands before and after a memory in its thread, outside the bin."""
    if not found.place.thread_id:
        return None, None
    place, here = (memory.c.position, memory.c.seq), (found.place.position, found.seq)
    thread = select(memory.c.id).where(
        memory.c.owner == owner,
        memory.c.thread_id == found.place.thread_id,
        memory.c.deleted_at.is_(None),
    )
    earlier = thread.where(tuple_(*place) < here).order_by(*(each.desc() for each in place))
    later = thread.where(tuple_(*place) > here).order_by(*place)
    return tx.execute(earlier.limit(1)).scalar(), tx.execute(later.limit(1)).scalar()


def count(tx: Connection, owner: Identifier, wanted: Filter, now: datetime) -> int:
    """Return how many memories a list has."""
    return int(
        tx.execute(
            select(func.count()).select_from(memory).where(*visible(owner, wanted, now))
        ).scalar_one()
    )


def texts_after(tx: Connection, owner: Identifier, seq: int, limit: int) -> list[tuple[int, str]]:
    """Return number, and title with content, of memories outside the bin, from ``seq`` on."""
    rows = tx.execute(
        select(memory.c.seq, memory.c.title, memory.c.content)
        .where(memory.c.owner == owner, memory.c.deleted_at.is_(None), memory.c.seq > seq)
        .order_by(memory.c.seq)
        .limit(limit)
    )
    return [(row.seq, f"{row.title}\n{row.content}") for row in rows]


def counts_by(tx: Connection, owner: Identifier, column: str) -> dict[str, int]:
    """Return how many memories outside the bin there are for each value of a column."""
    value = memory.c[column]
    rows = tx.execute(
        select(value, func.count())
        .where(memory.c.owner == owner, memory.c.deleted_at.is_(None))
        .group_by(value)
        .order_by(func.count().desc())
    )
    return {str(each): int(number) for each, number in rows}


def wordings(tx: Connection, owner: Identifier, memory_id: Identifier) -> list[Wording]:
    """Return the earlier texts of a memory, the oldest first."""
    rows = tx.execute(_WORDINGS, {"owner": owner, "id": memory_id})
    return [Wording(row.version, row.title, row.content, row.recorded_at) for row in rows]


def latest_wordings(
    tx: Connection, owner: Identifier, memory_id: Identifier
) -> tuple[list[Wording], int]:
    """Return those of the earlier texts that fit on a page, and how many older ones there are."""
    size = func.octet_length(memory_version.c.content)
    sizes = tx.execute(
        select(size)
        .where(memory_version.c.owner == owner, memory_version.c.memory_id == memory_id)
        .order_by(memory_version.c.version.desc())
    ).scalars()
    known = list(sizes)
    count = fitting(known)
    newest = _WORDINGS.order_by(None).order_by(memory_version.c.version.desc()).limit(count)
    rows = tx.execute(newest, {"owner": owner, "id": memory_id}).all()
    found = [Wording(row.version, row.title, row.content, row.recorded_at) for row in rows]
    return found[::-1], len(known) - count


def wording(
    tx: Connection, owner: Identifier, memory_id: Identifier, version: int
) -> Wording | None:
    """Return one earlier text of a memory."""
    row = tx.execute(
        _WORDINGS.where(memory_version.c.version == version), {"owner": owner, "id": memory_id}
    ).one_or_none()
    if row is None:
        return None
    return Wording(row.version, row.title, row.content, row.recorded_at)


_WORDINGS = (
    select(memory_version)
    .where(
        memory_version.c.owner == bindparam("owner"), memory_version.c.memory_id == bindparam("id")
    )
    .order_by(memory_version.c.version)
)


def _page(
    tx: Connection,
    owner: Identifier,
    query: Select[Any],
    order: Order,
    cursor: str,
    limit: int,
    of: str,
) -> Page[Memory]:
    limit = max(limit, 1)
    key, descending = _KEYS[order]
    if cursor:
        after = decode_cursor(cursors.opened(tx, owner, cursor, of), order)
        query = query.where(_beyond(key, _bound(key, after), after.seq, descending=descending))
    ends = (key.desc(), memory.c.seq.desc()) if descending else (key, memory.c.seq)
    # Sizes first: two hundred texts of a megabyte are not read to show eight of them.
    places = query.with_only_columns(memory.c.seq, key, func.octet_length(memory.c.content))
    rows = tx.execute(places.order_by(*ends).limit(limit + 1)).all()
    shown = rows[: fitting([size for *_, size in rows[:limit]])]
    items = _numbered(tx, owner, [seq for seq, *_ in shown])
    if len(shown) == len(rows):
        return Page(items)
    seq, value, _ = shown[-1]
    last = Cursor(order, _plain(value), seq)
    return Page(items, cursors.sealed(tx, owner, last.encode(), of))


def _numbered(tx: Connection, owner: Identifier, seqs: Sequence[int]) -> list[Memory]:
    rows = tx.execute(select(memory).where(memory.c.owner == owner, memory.c.seq.in_(seqs))).all()
    found = {each.seq: each for each in _memories(tx, owner, rows)}
    return [found[seq] for seq in seqs]


_KEYS: dict[Order, tuple[ColumnElement[Any], bool]] = {
    Order.TIME: (memory.c.occurred_at, True),
    Order.OLDEST: (memory.c.occurred_at, False),
    Order.IMPORTANCE: (memory.c.importance, True),
    Order.RECORDED: (memory.c.created_at, True),
}


def _beyond(
    key: ColumnElement[Any],
    value: Any,  # noqa: ANN401 - a moment or a number
    seq: int,
    *,
    descending: bool,
) -> ColumnElement[bool]:
    if descending:
        return or_(key < value, and_(key == value, memory.c.seq < seq))
    return or_(key > value, and_(key == value, memory.c.seq > seq))


def _plain(value: datetime | float) -> float:
    return (value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value


def _bound(key: ColumnElement[Any], cursor: Cursor) -> datetime | float:
    if key is memory.c.importance:
        return cursor.value
    return _EPOCH + timedelta(microseconds=int(cursor.value))


def _memories(tx: Connection, owner: Identifier, rows: Sequence[Row[Any]]) -> list[Memory]:
    ids = [row.id for row in rows]
    if not ids:
        return []
    tags = labels.tags_of(tx, owner, ids)
    domains = labels.domains_of(tx, owner, ids)
    return [memory_of(row, tags, domains) for row in rows]
