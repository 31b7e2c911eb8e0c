"""Between rows and values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from mnemosyne.memories.composing import NewMemory, storable
from mnemosyne.memories.model import (
    DomainSource,
    Memory,
    MemoryDomain,
    MemoryType,
    Moment,
    Origin,
    Pin,
    Place,
    Precision,
    SecretState,
    Status,
    Use,
    Validity,
)


def row_of(new: NewMemory) -> dict[str, Any]:
    """Return the columns of a memory that was never stored before."""
    return {
        "id": new.id,
        "owner": new.owner,
        "content": new.text.content,
        "content_hash": new.text.digest,
        "title": new.text.title,
        "type": new.type,
        "status": Status.PENDING,
        "occurred_at": new.occurred.at,
        "occurred_precision": new.occurred.precision,
        "occurred_offset": new.occurred.utc_offset_minutes,
        "created_at": new.created_at,
        "updated_at": new.created_at,
        "version": 1,
        "source": new.origin.source,
        "source_id": new.origin.source_id,
        "source_url": new.origin.url,
        "thread_id": new.place.thread_id,
        "position": new.place.position,
        "speaker": new.place.speaker,
        "valid_from": new.validity.valid_from,
        "valid_to": new.validity.valid_to,
        "ended_at": new.validity.ended_at,
        "importance": new.importance.value,
        "importance_reasons": list(new.importance.reasons),
        "importance_override": new.importance_override,
        "pin": new.pin,
        "never_share": new.never_share,
        "secrets": SecretState.UNCHECKED,
        "attributes": storable(new.attributes),
    }


def as_stored(new: NewMemory, seq: int) -> Memory:
    """Return the memory that ``new`` is once it was stored under the number ``seq``."""
    return Memory(
        seq=seq,
        id=new.id,
        owner=new.owner,
        content=new.text.content,
        title=new.text.title,
        type=new.type,
        status=Status.PENDING,
        occurred=new.occurred,
        created_at=new.created_at,
        updated_at=new.created_at,
        version=1,
        origin=new.origin,
        place=new.place,
        validity=new.validity,
        importance=new.importance.value,
        importance_reasons=new.importance.reasons,
        importance_override=new.importance_override,
        pin=new.pin,
        never_share=new.never_share,
        secrets=SecretState.UNCHECKED,
        language="",
        use=Use(),
        deleted_at=None,
        deleted_by="",
        attributes=new.attributes,
        tags=tuple(sorted(new.tags)),
        domains=tuple(
            MemoryDomain(each, 1.0, DomainSource.USER, 1.0) for each in sorted(new.domains)
        ),
    )


def memory_of(
    row: Row[Any],
    tags: Mapping[str, tuple[str, ...]],
    domains: Mapping[str, tuple[MemoryDomain, ...]],
) -> Memory:
    """Return the memory in ``row``, with the labels that are listed under its id."""
    return Memory(
        seq=row.seq,
        id=row.id,
        owner=row.owner,
        content=row.content,
        title=row.title,
        type=MemoryType(row.type),
        status=Status(row.status),
        occurred=Moment(row.occurred_at, Precision(row.occurred_precision), row.occurred_offset),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        origin=Origin(row.source, row.source_id, row.source_url),
        place=Place(row.thread_id, row.position, row.speaker),
        validity=Validity(row.valid_from, row.valid_to, row.ended_at),
        importance=row.importance,
        importance_reasons=tuple(row.importance_reasons),
        importance_override=row.importance_override,
        pin=Pin(row.pin),
        never_share=row.never_share,
        secrets=SecretState(row.secrets),
        language=row.language,
        use=Use(row.access_count, row.last_accessed_at),
        deleted_at=row.deleted_at,
        deleted_by=row.deleted_by,
        attributes=row.attributes,
        tags=tags.get(row.id, ()),
        domains=domains.get(row.id, ()),
    )
