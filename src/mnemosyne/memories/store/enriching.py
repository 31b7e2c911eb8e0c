"""What enrichment reads and writes: derived columns, names, dates, domains and vectors at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from mnemosyne.events import change_log
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.enrichment.importance import Importance
from mnemosyne.memories.model import MemoryDomain, SecretState, Status
from mnemosyne.memories.store import embeddings, labels
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder
from mnemosyne.memories.store.tables import memory, memory_date


@dataclass(frozen=True, slots=True)
class StoredText:
    """One version of a memory's text, with what the rules go by beside it."""

    seq: int
    id: Identifier
    version: int
    title: str
    content: str
    secrets: SecretState
    importance_override: float | None
    opens: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Understood:
    """What was found out about one version of a memory."""

    text: StoredText
    language: str
    secrets: SecretState
    importance: Importance
    names: tuple[str, ...]
    dates: tuple[DateMention, ...]
    domains: tuple[MemoryDomain, ...]
    embedded: Embedded | None


# Statements are made once: for a single capture, making them would take longer than running them.
_THESE = (memory.c.owner == bindparam("owner"), memory.c.id.in_(bindparam("ids", expanding=True)))
_TEXTS = select(
    memory.c.seq,
    memory.c.id,
    memory.c.version,
    memory.c.title,
    memory.c.content,
    memory.c.secrets,
    memory.c.importance_override,
    memory.c.access_count,
    memory.c.occurred_at,
).where(*_THESE)
_LENGTHS = select(memory.c.id, func.length(memory.c.content)).where(*_THESE)
_VERSIONS = select(memory.c.id, memory.c.version).where(*_THESE)
_DELETE_DATES = delete(memory_date).where(
    memory_date.c.owner == bindparam("owner"),
    memory_date.c.memory_id.in_(bindparam("ids", expanding=True)),
)
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


def texts(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> list[StoredText]:
    """Return the present texts of memories of ``owner``, in the bin or not, in order of ``ids``."""
    found = {
        row[1]: StoredText(*row[:5], SecretState(row[5]), *row[6:])
        for row in tx.execute(_TEXTS, {"owner": owner, "ids": ids})
    }
    return [found[memory_id] for memory_id in ids if memory_id in found]


def lengths(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> dict[Identifier, int]:
    """Return how many characters the texts of memories have."""
    return {row[0]: row[1] for row in tx.execute(_LENGTHS, {"owner": owner, "ids": ids})}


def versions(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> dict[Identifier, int]:
    """Return in which version memories are now."""
    return {row[0]: row[1] for row in tx.execute(_VERSIONS, {"owner": owner, "ids": ids})}


def write(
    tx: Connection, owner: Identifier, found: Sequence[Understood], embedder: KnownEmbedder | None
) -> None:
    """Store what was found out, for those versions that are still the present ones."""
    present = versions(tx, owner, [each.text.id for each in found])
    current = [each for each in found if present.get(each.text.id) == each.text.version]
    if not current:
        return
    tx.execute(_UPDATE, [_columns(owner, each) for each in current])
    labels.replace_derived_domains(tx, owner, {each.text.id: each.domains for each in current})
    labels.replace_mentions(tx, owner, {each.text.id: each.names for each in current})
    _replace_dates(tx, owner, {each.text.id: each.dates for each in current})
    if embedder is not None:
        vectors = [each.embedded for each in current if each.embedded is not None]
        embeddings.put(tx, owner, embedder.id, vectors)
    change_log.put(tx, owner, [each.text.seq for each in current])


def give_up(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> None:
    """Mark memories whose enrichment failed too often; their text stays findable."""
    tx.execute(
        update(memory)
        .where(memory.c.owner == owner, memory.c.id.in_(ids))
        .values(status=Status.FAILED)
    )


def _columns(owner: Identifier, found: Understood) -> dict[str, Any]:
    return {
        "b_owner": owner,
        "b_id": found.text.id,
        "b_language": found.language,
        "b_secrets": found.secrets,
        "b_importance": found.importance.value,
        "b_reasons": list(found.importance.reasons),
    }


def _replace_dates(
    tx: Connection, owner: Identifier, found: Mapping[Identifier, Sequence[DateMention]]
) -> None:
    tx.execute(_DELETE_DATES, {"owner": owner, "ids": list(found)})
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
