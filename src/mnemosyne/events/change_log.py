"""The log of changes, by which each process keeps its in-memory indexes true to the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from mnemosyne.kit.database import metadata
from mnemosyne.kit.ids import Identifier

KEPT: Final = 200_000

change_log = Table(
    "change_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(32), nullable=False),
    Column("memory_seq", Integer, nullable=False),
    Column("operation", String(6), nullable=False),
    Index(None, "owner", "seq"),
    sqlite_autoincrement=True,
)


_PRUNE: Final = delete(change_log).where(
    change_log.c.seq <= select(func.max(change_log.c.seq)).scalar_subquery() - bindparam("kept")
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to an owner's memories after a position: the newest position, and which.

    ``gap`` is true when the log no longer reaches back that far: reload everything.
    """

    head: int
    memory_seqs: tuple[int, ...]
    gap: bool


def put(tx: Connection, owner: Identifier, memory_seqs: Sequence[int]) -> None:
    """Record that these memories or what is derived from them were written."""
    _append(tx, owner, memory_seqs, "put")


def removed(tx: Connection, owner: Identifier, memory_seqs: Sequence[int]) -> None:
    """Record that these memories are gone or hidden."""
    _append(tx, owner, memory_seqs, "delete")


def _append(tx: Connection, owner: Identifier, memory_seqs: Sequence[int], operation: str) -> None:
    if memory_seqs:
        tx.execute(
            insert(change_log),
            [{"owner": owner, "memory_seq": s, "operation": operation} for s in memory_seqs],
        )


_HEAD = select(func.max(change_log.c.seq))


def head(tx: Connection) -> int:
    """Return the newest position of the log, 0 when it is empty."""
    return int(tx.execute(_HEAD).scalar() or 0)


def since(tx: Connection, owner: Identifier, position: int) -> Changes:
    """Return what changed for ``owner`` after ``position``."""
    newest = head(tx)
    if newest == position:
        return Changes(newest, (), gap=False)
    oldest = int(tx.execute(select(func.min(change_log.c.seq))).scalar() or 0)
    # A head that moved backwards is another incarnation of the vault (a restore).
    if newest < position or oldest > position + 1:
        return Changes(newest, (), gap=True)
    rows = tx.execute(
        select(change_log.c.memory_seq)
        .distinct()
        .where(change_log.c.owner == owner, change_log.c.seq > position)
    )
    return Changes(newest, tuple(rows.scalars()), gap=False)


def prune(tx: Connection) -> None:
    """Drop all but the newest entries; a process that slept longer reloads."""
    tx.execute(_PRUNE, {"kept": KEPT})
