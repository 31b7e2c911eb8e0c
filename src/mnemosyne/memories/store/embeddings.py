"""Which embedders a vault knows, and the vectors of each; vectors of two are never compared."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.chunking import Chunk
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.store.tables import embedder, embedding, memory

Vectors = NDArray[np.float32]

_KNOWN = select(embedder).order_by(embedder.c.id.desc())
_DELETE = delete(embedding).where(
    embedding.c.owner == bindparam("owner"),
    embedding.c.embedder_id == bindparam("embedder"),
    embedding.c.memory_seq.in_(bindparam("seqs", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class KnownEmbedder:
    """An embedder that a vault has vectors of; ``serving`` is the one that search asks."""

    id: int
    identity: EmbedderIdentity
    serving: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """The chunks of one memory's text in one version, and the vector of each."""

    memory_seq: int
    version: int
    chunks: tuple[Chunk, ...]
    vectors: Vectors


def register(
    tx: Connection, identity: EmbedderIdentity, at: datetime, probe: Vectors
) -> KnownEmbedder:
    """Return the embedder's row, made now if it is new; the first one of a vault serves.

    ``probe`` are its vectors of the probe texts, for comparison after a move.
    """
    row = tx.execute(select(embedder).where(embedder.c.key == identity.key)).one_or_none()
    if row is None:
        first = serving(tx) is None
        row = tx.execute(
            insert(embedder)
            .values(
                key=identity.key,
                identity=asdict(identity),
                dimensions=identity.dimensions,
                first_used_at=at,
                serving=first,
                probe=probe.astype(np.float16).tobytes(),
            )
            .returning(embedder)
        ).one()
    return _known(row)


def renew(tx: Connection, old: KnownEmbedder, at: datetime, probe: Vectors) -> KnownEmbedder:
    """Enter an embedder once more, as one that has seen nothing; the old row serves until then."""
    tx.execute(update(embedder).where(embedder.c.id == old.id).values(key=f"replaced:{old.id}"))
    return register(tx, old.identity, at, probe)


def probe_of(tx: Connection, embedder_id: int) -> NDArray[np.float16]:
    """Return the vectors of the probe texts that were kept, shape (n, dimensions)."""
    kept = select(embedder.c.probe, embedder.c.dimensions).where(embedder.c.id == embedder_id)
    row = tx.execute(kept).one()
    return np.frombuffer(row.probe, np.float16).reshape(-1, row.dimensions)


def known(tx: Connection) -> list[KnownEmbedder]:
    """Return every embedder that the vault has vectors of, the newest first."""
    return [_known(row) for row in tx.execute(_KNOWN)]


_SERVING: Select[Any] = select(embedder.c.id, embedder.c.identity, embedder.c.serving).where(
    embedder.c.serving
)


def serving(tx: Connection) -> KnownEmbedder | None:
    """Return the embedder whose vectors answer questions."""
    row = tx.execute(_SERVING).one_or_none()
    return None if row is None else _known(row)


def serve(tx: Connection, embedder_id: int) -> None:
    """Let one embedder answer from now on, and drop the vectors of every other."""
    tx.execute(update(embedder).values(serving=embedder.c.id == embedder_id))
    tx.execute(delete(embedding).where(embedding.c.embedder_id != embedder_id))
    tx.execute(delete(embedder).where(embedder.c.id != embedder_id))


def put(tx: Connection, owner: Identifier, embedder_id: int, embedded: Iterable[Embedded]) -> None:
    """Store vectors as float16, in place of those that the same embedder gave before."""
    listed = list(embedded)
    seqs = [each.memory_seq for each in listed]
    tx.execute(_DELETE, {"owner": owner, "embedder": embedder_id, "seqs": seqs})
    rows = [
        {
            "memory_seq": each.memory_seq,
            "embedder_id": embedder_id,
            "chunk": number,
            "owner": owner,
            "version": each.version,
            "start": chunk.start,
            "end": chunk.end,
            "vector": each.vectors[number].astype(np.float16).tobytes(),
        }
        for each in listed
        for number, chunk in enumerate(each.chunks)
    ]
    if rows:
        tx.execute(insert(embedding), rows)


def remove(tx: Connection, owner: Identifier, memory_seq: int) -> None:
    """Drop the vectors of a memory, of every embedder."""
    tx.execute(
        delete(embedding).where(embedding.c.owner == owner, embedding.c.memory_seq == memory_seq)
    )


def without_vectors(
    tx: Connection, owner: Identifier, embedder_id: int, limit: int
) -> list[Identifier]:
    """Return memories of ``owner`` that this embedder has not seen in their present version."""
    rows = tx.execute(
        select(memory.c.id)
        .where(memory.c.owner == owner, ~_seen_by(embedder_id, owner))
        .order_by(memory.c.seq)
        .limit(limit)
    )
    return list(rows.scalars())


def missing(tx: Connection, owner: Identifier, embedder_id: int) -> int:
    """Return how many memories of ``owner`` this embedder has not seen in their version."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(memory)
            .where(memory.c.owner == owner, ~_seen_by(embedder_id, owner))
        ).scalar_one()
    )


def _seen_by(embedder_id: int, owner: Identifier) -> ColumnElement[bool]:
    return (
        select(embedding.c.memory_seq)
        .where(
            embedding.c.owner == owner,
            embedding.c.embedder_id == embedder_id,
            embedding.c.memory_seq == memory.c.seq,
            embedding.c.version == memory.c.version,
        )
        .exists()
    )


def count(tx: Connection, owner: Identifier, embedder_id: int) -> int:
    """Return how many memories of ``owner`` have vectors of an embedder."""
    return int(
        tx.execute(
            select(func.count(embedding.c.memory_seq.distinct())).where(
                embedding.c.owner == owner, embedding.c.embedder_id == embedder_id
            )
        ).scalar_one()
    )


def load(
    tx: Connection, owner: Identifier, embedder_id: int, seqs: Sequence[int] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return memory numbers, shape (n,), and vectors, shape (n, dimensions), chunk by chunk."""
    query = select(embedding.c.memory_seq, embedding.c.vector).where(
        embedding.c.owner == owner, embedding.c.embedder_id == embedder_id
    )
    if seqs is not None:
        query = query.where(embedding.c.memory_seq.in_(seqs))
    rows = tx.execute(query).all()
    numbers = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    joined = b"".join(row[1] for row in rows)
    vectors = np.frombuffer(joined, np.float16)
    return numbers, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0)


def _known(row: Row[Any]) -> KnownEmbedder:
    return KnownEmbedder(row.id, EmbedderIdentity(**row.identity), bool(row.serving))
