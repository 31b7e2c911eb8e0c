"""What a domain means to its person: their own examples, and the texts they put there."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.model import DomainSource
from mnemosyne.memories.store.tables import domain_example, embedding, memory, memory_domain

_EXAMPLES = (
    select(domain_example.c.domain, domain_example.c.text)
    .where(domain_example.c.owner == bindparam("owner"))
    .order_by(domain_example.c.domain, domain_example.c.text)
)
_SAID = (
    memory_domain.c.owner == bindparam("owner"),
    # Written out: only then does SQLite see that the small index has all of them.
    memory_domain.c.source == literal_column(f"'{DomainSource.USER}'"),
    memory_domain.c.suppressed.is_(False),
)
_CORRECTED = (
    select(memory_domain.c.domain)
    .where(*_SAID)
    .group_by(memory_domain.c.domain)
    .having(func.count() >= bindparam("least"))
)
_VECTORS = (
    select(memory_domain.c.domain, embedding.c.vector)
    .join(memory, memory.c.id == memory_domain.c.memory_id)
    .join(embedding, embedding.c.memory_seq == memory.c.seq)
    .where(
        *_SAID,
        memory.c.owner == bindparam("owner"),
        embedding.c.owner == bindparam("owner"),
        memory.c.deleted_at.is_(None),
        memory_domain.c.domain.in_(bindparam("domains", expanding=True)),
        embedding.c.embedder_id == bindparam("embedder"),
        embedding.c.chunk == 0,
    )
)


def of_owner(tx: Connection, owner: Identifier) -> dict[str, tuple[str, ...]]:
    """Return the examples that ``owner`` gave, by domain."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in tx.execute(_EXAMPLES, {"owner": owner}):
        found[row.domain].append(row.text)
    return {domain: tuple(texts) for domain, texts in found.items()}


def replace(tx: Connection, owner: Identifier, domain: str, texts: Sequence[str]) -> None:
    """Store the examples of one domain, in place of those before."""
    tx.execute(
        delete(domain_example).where(
            domain_example.c.owner == owner, domain_example.c.domain == domain
        )
    )
    if rows := [{"owner": owner, "domain": domain, "text": text} for text in dict.fromkeys(texts)]:
        tx.execute(insert(domain_example), rows)


def corrected(
    tx: Connection, owner: Identifier, embedder_id: int, least: int
) -> dict[str, NDArray[np.float32]]:
    """Return the first vector of each text that ``owner`` put in a domain, shape (n, dimensions).

    Domains with fewer than ``least`` such texts are left out.
    """
    enough = list(tx.execute(_CORRECTED, {"owner": owner, "least": least}).scalars())
    if not enough:
        return {}
    rows = tx.execute(_VECTORS, {"owner": owner, "embedder": embedder_id, "domains": enough})
    found: dict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        found[row.domain].append(row.vector)
    return {
        domain: np.frombuffer(b"".join(vectors), np.float16)
        .reshape(len(vectors), -1)
        .astype(np.float32)
        for domain, vectors in found.items()
    }
