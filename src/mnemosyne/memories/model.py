"""Values of the memory feature: what a person wrote, read or said, and when it happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from mnemosyne.kit.ids import Identifier

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


class MemoryType(StrEnum):
    """What kind of thing was remembered."""

    NOTE = "note"
    MESSAGE = "message"
    DOCUMENT = "document"
    REFLECTION = "reflection"
    CONSOLIDATION = "consolidation"
    SYSTEM = "system"
    RITUAL = "ritual"
    SIGNAL = "signal"


class Status(StrEnum):
    """How far enrichment has come; the text itself is stored from the first moment."""

    PENDING = "pending"
    ENRICHED = "enriched"
    FAILED = "failed"


class Precision(StrEnum):
    """How exactly the moment of an event is known."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Pin(StrEnum):
    """How strongly a memory is kept from fading in the ranking. Nothing ever hides it."""

    NORMAL = "normal"
    PROTECTED = "protected"
    ANCHORED = "anchored"
    PERMANENT = "permanent"


class SecretState(StrEnum):
    """Whether a text may leave the node: only ``clear`` and ``cleared`` may."""

    UNCHECKED = "unchecked"
    CLEAR = "clear"
    FLAGGED = "flagged"
    CLEARED = "cleared"


class DomainSource(StrEnum):
    """Who said that a memory belongs to a domain."""

    USER = "user"
    RULE = "rule"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: an aware moment, how exact it is, and the local offset then."""

    at: datetime
    precision: Precision = Precision.INSTANT
    utc_offset_minutes: int | None = None

    def local(self) -> datetime:
        """Return the moment as the clock on the wall showed it; UTC where that is not known."""
        offset = timezone(timedelta(minutes=self.utc_offset_minutes or 0))
        try:
            return self.at.astimezone(offset)
        except OverflowError:  # the first and the last day of the calendar
            return self.at


@dataclass(frozen=True, slots=True)
class MemoryDomain:
    """One domain of a memory with its weight in [0, 1]."""

    name: str
    weight: float
    source: DomainSource
    confidence: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a memory came from; empty strings stand for “typed here”."""

    source: str = ""
    source_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a memory stands in its thread (a conversation, or the parts of one long note)."""

    thread_id: str = ""
    position: int = 0
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person hands in to be remembered."""

    content: str
    title: str = ""
    type: MemoryType = MemoryType.NOTE
    occurred: Moment | None = None
    tags: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    origin: Origin = Origin()
    place: Place = Place()
    importance: float | None = None
    pin: Pin = Pin.NORMAL
    never_share: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    attributes: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a memory holds, and when its end was recorded (bi-temporal)."""

    valid_from: datetime | None = None
    valid_to: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How often and when a memory was last opened by its person."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory as it stands now; older wordings are versions of it."""

    seq: int
    id: Identifier
    owner: Identifier
    content: str
    title: str
    type: MemoryType
    status: Status
    occurred: Moment
    created_at: datetime
    updated_at: datetime
    version: int
    origin: Origin
    place: Place
    validity: Validity
    importance: float
    importance_reasons: tuple[str, ...]
    importance_override: float | None
    pin: Pin
    never_share: bool
    secrets: SecretState
    language: str
    use: Use
    deleted_at: datetime | None
    deleted_by: str
    attributes: Mapping[str, JsonValue]
    tags: tuple[str, ...] = ()
    domains: tuple[MemoryDomain, ...] = ()

    @property
    def in_bin(self) -> bool:
        """Whether the person has put it to the bin."""
        return self.deleted_at is not None


OnlyIf = Callable[[Memory], None]
"""Asked about a memory as it stands, in the transaction that would change it; raises to refuse."""


def _anyhow(_memory: Memory) -> None:
    return None


anyhow: Final[OnlyIf] = _anyhow
"""Let a memory be changed whatever it is by now."""


@dataclass(frozen=True, slots=True)
class Wording:
    """An earlier text of a memory, kept when it was edited."""

    version: int
    title: str
    content: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer to a capture: the memory, and whether it was stored just now."""

    memory: Memory
    created: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """Which memories to look at. Empty fields do not narrow.

    ``as_of`` asks for what held at that moment (default: now); ``known_at`` for what had been
    recorded by then; ``history`` drops the condition on validity altogether.
    """

    after: datetime | None = None
    before: datetime | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    history: bool = False
    domain: str = ""
    tag: str = ""
    source: str = ""
    type: MemoryType | None = None
    person: tuple[str, ...] = ()
    thread_id: str = ""
    min_importance: float | None = None
