"""How many memories there are, of what kind: for an overview."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.store.tables import memory, memory_domain


def by_domain(tx: Connection, owner: Identifier) -> dict[str, int]:
    """Return how many memories outside the bin belong to each domain."""
    name = memory_domain.c.domain
    rows = tx.execute(
        select(name, func.count())
        .join(memory, (memory.c.id == memory_domain.c.memory_id) & (memory.c.owner == owner))
        .where(
            memory_domain.c.owner == owner,
            memory_domain.c.suppressed.is_(False),
            memory.c.deleted_at.is_(None),
        )
        .group_by(name)
        .order_by(func.count().desc(), name)
    )
    return {str(each): int(number) for each, number in rows}


def in_bin(tx: Connection, owner: Identifier) -> int:
    """Return how many memories are in the bin."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(memory)
            .where(memory.c.owner == owner, memory.c.deleted_at.is_not(None))
        ).scalar_one()
    )


def forgets_since(tx: Connection, owner: Identifier, since: datetime) -> dict[str, int]:
    """Return how many memories each credential has put to the bin since a moment."""
    rows = tx.execute(
        select(memory.c.deleted_by, func.count())
        .where(memory.c.owner == owner, memory.c.deleted_at >= since)
        .group_by(memory.c.deleted_by)
        .order_by(memory.c.deleted_by)
    )
    return {str(by): int(number) for by, number in rows}
