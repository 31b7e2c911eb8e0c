"""Memories and what belongs to them as JSON: the keys are documented in docs/cli.md."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnemosyne.cli import moments
from mnemosyne.memories.model import Memory, MemoryDomain, Moment, Wording

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.audit.model import Entry
    from mnemosyne.audit.reads import Read
    from mnemosyne.contacts.model import Contact
    from mnemosyne.memories.ports import BackupCopy
    from mnemosyne.memories.service.bin import Binned
    from mnemosyne.memories.service.memories import Day, Detail

Document = dict[str, object]


def memory(found: Memory) -> Document:
    """Return everything that is known of one memory."""
    return {
        "id": found.id,
        "title": found.title,
        "content": found.content,
        "type": found.type.value,
        "status": found.status.value,
        "version": found.version,
        "occurred": _moment(found.occurred),
        "created_at": found.created_at.isoformat(),
        "updated_at": found.updated_at.isoformat(),
        "valid_from": moments.written(found.validity.valid_from),
        "valid_to": moments.written(found.validity.valid_to),
        "ended_at": moments.written(found.validity.ended_at),
        "tags": list(found.tags),
        "domains": [_domain(each) for each in found.domains],
        "source": found.origin.source,
        "source_id": found.origin.source_id,
        "url": found.origin.url,
        "thread_id": found.place.thread_id,
        "position": found.place.position,
        "speaker": found.place.speaker,
        "language": found.language,
        "importance": found.importance,
        "importance_reasons": list(found.importance_reasons),
        "importance_of_the_person": found.importance_override,
        "pin": found.pin.value,
        "never_share": found.never_share,
        "secrets": found.secrets.value,
        "opened": {"count": found.use.count, "last_at": moments.written(found.use.last_at)},
        "forgotten_at": moments.written(found.deleted_at),
        "forgotten_by": found.deleted_by,
        "attributes": dict(found.attributes),
    }


def detail(found: "Detail") -> Document:
    """Return a memory with its earlier wordings, its links and what replaced it."""
    return {
        "memory": memory(found.memory),
        "wordings": [_wording(each) for each in found.wordings],
        "links": [{"kind": kind, "target": target} for kind, target in found.links],
        "superseded_by": found.superseded_by,
    }


def day(found: "Day") -> Document:
    """Return one local day with its memories."""
    return {
        "date": found.date.isoformat(),
        "memories": [memory(each) for each in found.memories],
    }


def binned(found: "Binned") -> Document:
    """Return a memory in the bin; ``offered`` after 30 days."""
    return {"memory": memory(found.memory), "offered": found.offered}


def backup_copy(found: "BackupCopy") -> Document:
    """Return a backup that still holds something."""
    return {
        "path": found.path,
        "taken_at": found.taken_at.isoformat(),
        "expires_at": found.expires_at.isoformat(),
    }


def contact(found: "Contact") -> Document:
    """Return someone of the people list."""
    return {
        "id": found.id,
        "name": found.name,
        "aliases": list(found.aliases),
        "source": found.source,
        "did": found.did,
    }


def entry(found: "Entry") -> Document:
    """Return one act of the record; its payload is null once that was erased."""
    payload: Mapping[str, object] | None = found.payload
    stated = found.stated()
    return {
        "entry": found.seq,
        "type": found.type,
        "at": found.at.isoformat(),
        "credential": stated["credential"],
        "channel": stated["channel"],
        "payload": None if payload is None else dict(payload),
    }


def read(found: "Read") -> Document:
    """Return what was read at once; memories go by pseudonyms of this record."""
    return {
        "entry": found.seq,
        "at": found.at.isoformat(),
        "credential": found.credential,
        "channel": found.channel,
        "how": found.how,
        "count": found.count,
    }


def _moment(found: Moment) -> Document:
    return {
        "at": found.at.isoformat(),
        "precision": found.precision.value,
        "utc_offset_minutes": found.utc_offset_minutes,
    }


def _domain(one: MemoryDomain) -> Document:
    return {
        "name": one.name,
        "weight": one.weight,
        "source": one.source.value,
        "confidence": one.confidence,
    }


def _wording(found: Wording) -> Document:
    return {
        "version": found.version,
        "title": found.title,
        "content": found.content,
        "recorded_at": found.recorded_at.isoformat(),
    }
