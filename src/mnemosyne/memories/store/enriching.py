"""What enrichment reads and writes: derived columns, names, dates, domains and vectors at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from mnemosyne.events import change_log
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.enrichment.importance import Importance
from mnemosyne.memories.model import Memory, MemoryDomain, SecretState, Status
from mnemosyne.memories.store import embeddings, labels
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder
from mnemosyne.memories.store.tables import memory, memory_date


@dataclass(frozen=True, slots=True)
class Understood:
    """What was found out about one version of a memory."""

    memory: Memory
    language: str
    secrets: SecretState
    importance: Importance
    names: tuple[str, ...]
    dates: tuple[DateMention, ...]
    domains: tuple[MemoryDomain, ...]
    embedded: Embedded | None


_UPDATE = (
    update(memory)
    .where(memory.c.owner == bindparam("b_owner"), memory.c.id == bindparam("b_id"))
    .values(
        language=bindparam("b_language"),
        # What the person said while this was being found out stands.
        secrets=case(
            (memory.c.secrets == SecretState.CLEARED, memory.c.secrets),
            else_=bindparam("b_secrets"),
        ),
        importance=case(
            (memory.c.importance_override.is_not(None), memory.c.importance),
            else_=bindparam("b_importance", type_=memory.c.importance.type),
        ),
        importance_reasons=case(
            (memory.c.importance_override.is_not(None), memory.c.importance_reasons),
            else_=bindparam("b_reasons", type_=memory.c.importance_reasons.type),
        ),
        status=Status.ENRICHED,
    )
)


def write(
    tx: Connection, owner: Identifier, found: Sequence[Understood], embedder: KnownEmbedder | None
) -> None:
    """Store what was found out, for those versions that are still the present ones."""
    current = _current(tx, owner, found)
    if not current:
        return
    tx.execute(_UPDATE, [_columns(each) for each in current])
    labels.replace_derived_domains(tx, owner, {each.memory.id: each.domains for each in current})
    labels.replace_mentions(tx, owner, {each.memory.id: each.names for each in current})
    _replace_dates(tx, owner, {each.memory.id: each.dates for each in current})
    if embedder is not None:
        vectors = [each.embedded for each in current if each.embedded is not None]
        embeddings.put(tx, owner, embedder.id, vectors)
    change_log.put(tx, owner, [each.memory.seq for each in current])


def give_up(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> None:
    """Mark memories whose enrichment failed too often; their text stays findable."""
    tx.execute(
        update(memory)
        .where(memory.c.owner == owner, memory.c.id.in_(ids))
        .values(status=Status.FAILED)
    )


def _current(tx: Connection, owner: Identifier, found: Sequence[Understood]) -> list[Understood]:
    rows = tx.execute(
        select(memory.c.id, memory.c.version).where(
            memory.c.owner == owner, memory.c.id.in_([each.memory.id for each in found])
        )
    )
    versions = {row.id: row.version for row in rows}
    return [each for each in found if versions.get(each.memory.id) == each.memory.version]


def _columns(found: Understood) -> dict[str, Any]:
    return {
        "b_owner": found.memory.owner,
        "b_id": found.memory.id,
        "b_language": found.language,
        "b_secrets": found.secrets,
        "b_importance": found.importance.value,
        "b_reasons": list(found.importance.reasons),
    }


def _replace_dates(
    tx: Connection, owner: Identifier, found: Mapping[Identifier, Sequence[DateMention]]
) -> None:
    tx.execute(
        delete(memory_date).where(
            memory_date.c.owner == owner, memory_date.c.memory_id.in_(list(found))
        )
    )
    rows = [
        {
            "owner": owner,
            "memory_id": memory_id,
            "start": date.start,
            "end": date.end,
            "after": date.after,
            "before": date.before,
            "precision": date.precision,
        }
        for memory_id, dates in found.items()
        for date in dates
    ]
    if rows:
        tx.execute(insert(memory_date), rows)
