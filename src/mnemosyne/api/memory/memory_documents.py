"""Memories and what hangs on them, as the API answers with them: the names are the shell's."""

from datetime import date
from typing import Any

from pydantic import Field

from mnemosyne.api.moments import At
from mnemosyne.api.schemas import Document, Id
from mnemosyne.memories.model import (
    DomainSource,
    Memory,
    MemoryDomain,
    MemoryType,
    Moment,
    Pin,
    Precision,
    SecretState,
    Status,
    Wording,
)
from mnemosyne.memories.service.bin import Binned
from mnemosyne.memories.service.memories import Day, Detail


class OccurredDocument(Document):
    """When it happened, how exactly that is known, and the local offset then."""

    at: At
    precision: Precision
    utc_offset_minutes: int | None = None


class DomainDocument(Document):
    """One domain of a memory, and who said so."""

    name: str
    # Vaults hold weights beyond 1 and below 0, of texts that once were close to no domain.
    weight: float = Field(description="How much of the memory belongs to it: of 1, usually.")
    source: DomainSource
    confidence: float


class OpenedDocument(Document):
    """How often a memory was opened, at most once a day, and when last."""

    count: int = Field(ge=0)
    last_at: At | None


class MemoryDocument(Document):
    """One memory as it stands now."""

    id: Id
    title: str
    content: str
    type: MemoryType
    status: Status
    version: int = Field(ge=1)
    occurred: OccurredDocument
    created_at: At
    updated_at: At
    valid_from: At | None
    valid_to: At | None
    ended_at: At | None
    tags: list[str]
    domains: list[DomainDocument]
    source: str
    source_id: str
    url: str
    thread_id: str
    position: int
    speaker: str
    language: str
    importance: float = Field(ge=0, le=1)
    importance_reasons: list[str]
    importance_of_the_person: float | None
    pin: Pin
    never_share: bool
    secrets: SecretState
    opened: OpenedDocument
    forgotten_at: At | None
    forgotten_by: str
    attributes: dict[str, Any]


class Acknowledged(Document):
    """Which memory was made or changed, and what it is at now.

    Whoever may only write is not shown by it what is written, and who may read reads with GET,
    which is recorded.
    """

    id: Id
    version: int = Field(ge=1)
    status: Status
    created_at: At
    updated_at: At
    forgotten_at: At | None


class MemoriesPage(Document):
    """Part of a list; `next` is the cursor of the next part."""

    items: list[MemoryDocument]
    next: str | None


class WordingDocument(Document):
    """An earlier text of a memory."""

    version: int
    title: str
    content: str
    recorded_at: At


class LinkDocument(Document):
    """A link of a memory: `supersedes` another, or `note` for one that its text names."""

    kind: str
    target: str


class DetailDocument(Document):
    """A memory with its earlier wordings, its links, what replaced it, and its thread around it."""

    memory: MemoryDocument
    wordings: list[WordingDocument] = Field(description="The latest that fit, the oldest first.")
    older_wordings: int = Field(
        description="How many there are before them, to be read one by one."
    )
    links: list[LinkDocument]
    superseded_by: Id | None
    before: Id | None = Field(description="What stands before it in its thread.")
    after: Id | None = Field(description="What stands after it in its thread.")


class DayDocument(Document):
    """The memories of one local day, the earliest first."""

    date: date
    memories: list[MemoryDocument]


class TimelinePage(Document):
    """Days, the latest first; a day that a page cuts through goes on with the next page."""

    items: list[DayDocument]
    next: str | None


class BinnedDocument(Document):
    """A memory in the bin; `offered` once it lies there for 30 days: erase it?"""

    memory: MemoryDocument
    offered: bool


class BinPage(Document):
    """Part of the bin; `next` is the cursor of the next part."""

    items: list[BinnedDocument]
    next: str | None


def memory_document(found: Memory) -> MemoryDocument:
    """Return everything that is known of one memory."""
    return MemoryDocument(
        id=found.id,
        title=found.title,
        content=found.content,
        type=found.type,
        status=found.status,
        version=found.version,
        occurred=_occurred(found.occurred),
        created_at=found.created_at,
        updated_at=found.updated_at,
        valid_from=found.validity.valid_from,
        valid_to=found.validity.valid_to,
        ended_at=found.validity.ended_at,
        tags=list(found.tags),
        domains=[_domain(each) for each in found.domains],
        source=found.origin.source,
        source_id=found.origin.source_id,
        url=found.origin.url,
        thread_id=found.place.thread_id,
        position=found.place.position,
        speaker=found.place.speaker,
        language=found.language,
        importance=found.importance,
        importance_reasons=list(found.importance_reasons),
        importance_of_the_person=found.importance_override,
        pin=found.pin,
        never_share=found.never_share,
        secrets=found.secrets,
        opened=OpenedDocument(count=found.use.count, last_at=found.use.last_at),
        forgotten_at=found.deleted_at,
        forgotten_by=found.deleted_by,
        attributes=dict(found.attributes),
    )


def acknowledged(found: Memory) -> Acknowledged:
    """Return what is told of a memory that was made or changed."""
    return Acknowledged(
        id=found.id,
        version=found.version,
        status=found.status,
        created_at=found.created_at,
        updated_at=found.updated_at,
        forgotten_at=found.deleted_at,
    )


def detail_document(found: Detail) -> DetailDocument:
    """Return a memory with all that hangs on it."""
    return DetailDocument(
        memory=memory_document(found.memory),
        wordings=[wording_document(each) for each in found.wordings],
        older_wordings=found.older,
        links=[LinkDocument(kind=kind, target=target) for kind, target in found.links],
        superseded_by=found.superseded_by,
        before=found.before,
        after=found.after,
    )


def day_document(found: Day) -> DayDocument:
    """Return one local day."""
    return DayDocument(date=found.date, memories=[memory_document(each) for each in found.memories])


def binned_document(found: Binned) -> BinnedDocument:
    """Return a memory in the bin."""
    return BinnedDocument(memory=memory_document(found.memory), offered=found.offered)


def _occurred(found: Moment) -> OccurredDocument:
    return OccurredDocument(
        at=found.at, precision=found.precision, utc_offset_minutes=found.utc_offset_minutes
    )


def _domain(found: MemoryDomain) -> DomainDocument:
    return DomainDocument(
        name=found.name, weight=found.weight, source=found.source, confidence=found.confidence
    )


def wording_document(found: Wording) -> WordingDocument:
    """Return an earlier text of a memory."""
    return WordingDocument(
        version=found.version,
        title=found.title,
        content=found.content,
        recorded_at=found.recorded_at,
    )
