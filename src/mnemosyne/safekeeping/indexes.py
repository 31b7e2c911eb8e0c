"""Whether full text and vectors say what the rows say, and how they are rebuilt from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, select, text
from sqlalchemy.exc import DatabaseError

from mnemosyne.accounts import store as accounts
from mnemosyne.events import change_log, outbox
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.store import embeddings, reading, writing
from mnemosyne.memories.store.tables import embedding, memory

_AT_ONCE: Final = 500
_INDEXED: Final = text("SELECT rowid, owner, title, body, context, bigrams FROM memory_text")
_STRAY: Final = """FROM memory_text WHERE NOT EXISTS (
    SELECT 1 FROM memory WHERE memory.seq = memory_text.rowid
    AND memory.owner = memory_text.owner AND memory.deleted_at IS NULL)"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the indexes of a vault agree with its rows, everybody's together."""

    memories: int
    missing_text: int
    stray_text: int
    differing_text: int
    stray_vectors: int
    without_vectors: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a rebuild; ``last`` is where the next one goes on, None at the end."""

    indexed: int
    requeued: int
    last: int | None


def agreement(tx: Connection) -> Agreement:
    """Compare every memory outside the bin with its full text and its vectors."""
    visible = memory.c.deleted_at.is_(None)
    count = tx.execute(select(func.count()).select_from(memory).where(visible)).scalar_one()
    indexed = tx.execute(text("SELECT count(*) FROM memory_text")).scalar_one()
    stray = tx.execute(text(f"SELECT count(*) {_STRAY}")).scalar_one()
    serving = embeddings.serving(tx)
    return Agreement(
        memories=count,
        missing_text=count - (indexed - stray),
        stray_text=stray,
        differing_text=_differing(tx),
        stray_vectors=tx.execute(
            select(func.count()).select_from(embedding).where(_stray_vector())
        ).scalar_one(),
        without_vectors=0 if serving is None else _without_vectors(tx, serving.id),
    )


def mend(tx: Connection) -> bool:
    """Derive full text anew from its own documents where it lost touch with them; say if it had."""
    try:
        tx.execute(text("INSERT INTO memory_text(memory_text) VALUES ('integrity-check')"))
    except DatabaseError:
        tx.execute(text("INSERT INTO memory_text(memory_text) VALUES ('rebuild')"))
        return True
    return False


def drop_strays(tx: Connection) -> int:
    """Remove entries of full text and vectors that belong to no memory; return how many.

    A vector of an earlier wording belongs to none either: it would answer for the new one.
    """
    dropped = tx.execute(text(f"DELETE {_STRAY}")).rowcount
    return dropped + tx.execute(delete(embedding).where(_stray_vector())).rowcount


def rebuild(tx: Connection, owner: Identifier, after: int, at: datetime) -> Batch:
    """Index the next memories of ``owner`` anew and ask for the vectors that they lack."""
    ids = list(
        tx.execute(
            select(memory.c.id)
            .where(memory.c.owner == owner, memory.c.seq > after)
            .order_by(memory.c.seq)
            .limit(_AT_ONCE)
        ).scalars()
    )
    if not ids:
        return Batch(0, 0, None)
    memories = reading.by_ids(tx, owner, ids)
    visible = [each for each in memories if not each.in_bin]
    writing.reindex(tx, visible)
    change_log.put(tx, owner, [each.seq for each in visible])
    bare = _bare(tx, owner, [each.seq for each in visible])
    missing = [each.id for each in visible if each.seq in bare]
    waiting = {each for each in missing if outbox.find(tx, owner, writing.ENRICH, each)}
    requeued = [each for each in missing if each not in waiting]
    outbox.record_all(tx, owner=owner, topic=writing.ENRICH, subjects=requeued, at=at)
    return Batch(len(visible), len(requeued), memories[-1].seq)


def _differing(tx: Connection) -> int:
    differing = 0
    for owner in accounts.everybody(tx):
        after = 0
        while (
            ids := tx.execute(
                select(memory.c.id)
                .where(memory.c.owner == owner, memory.c.seq > after, memory.c.deleted_at.is_(None))
                .order_by(memory.c.seq)
                .limit(_AT_ONCE)
            )
            .scalars()
            .all()
        ):
            memories = reading.by_ids(tx, owner, ids)
            after = memories[-1].seq
            rows = tx.execute(
                text(f"{_INDEXED.text} WHERE rowid BETWEEN :first AND :last AND owner = :owner"),
                {"first": memories[0].seq, "last": after, "owner": owner},
            )
            indexed = {row.rowid: tuple(row)[2:] for row in rows}
            for each in memories:
                document = writing.document_of(each)
                wanted = (document.title, document.body, document.context, document.bigrams)
                differing += indexed.get(each.seq, wanted) != wanted
    return differing


def _stray_vector() -> ColumnElement[bool]:
    belongs = (
        select(memory.c.seq)
        .where(
            memory.c.seq == embedding.c.memory_seq,
            memory.c.owner == embedding.c.owner,
            memory.c.version == embedding.c.version,
        )
        .exists()
    )
    return ~belongs


def _without_vectors(tx: Connection, embedder_id: int) -> int:
    has = (
        select(embedding.c.memory_seq)
        .where(embedding.c.memory_seq == memory.c.seq, embedding.c.embedder_id == embedder_id)
        .exists()
    )
    query = select(func.count()).select_from(memory).where(memory.c.deleted_at.is_(None), ~has)
    return int(tx.execute(query).scalar_one())


def _bare(tx: Connection, owner: Identifier, seqs: list[int]) -> set[int]:
    """Return those of ``seqs`` that the serving embedder has given no vector."""
    serving = embeddings.serving(tx)
    if serving is None:
        return set(seqs)
    rows = tx.execute(
        select(embedding.c.memory_seq).where(
            embedding.c.owner == owner,
            embedding.c.embedder_id == serving.id,
            embedding.c.memory_seq.in_(seqs),
        )
    )
    return set(seqs) - set(rows.scalars())
