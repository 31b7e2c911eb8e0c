"""From a draft to what is stored: cleaned, checked, complete, and otherwise verbatim."""

import hashlib
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.text import CONTENT_BYTES, normalise, utf8_size
from mnemosyne.memories.enrichment.importance import Importance, importance_of
from mnemosyne.memories.enrichment.vocabulary import canonical
from mnemosyne.memories.errors import (
    ContentSizeError,
    ImportanceRangeError,
    LabelLengthError,
    TitleTooLongError,
    ValidityOrderError,
)
from mnemosyne.memories.model import (
    Draft,
    JsonValue,
    MemoryType,
    Moment,
    Origin,
    Pin,
    Place,
    Precision,
    Validity,
)

LONGEST_TITLE = 255
LONGEST_TAG = 128
_LARGEST_INTEGER = 2**53 - 1  # of RFC 8785


@dataclass(frozen=True, slots=True)
class Text:
    """A content and title that can be stored, and how many characters had to be replaced."""

    content: str
    title: str
    replaced: int

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the content."""
        return hashlib.sha256(self.content.encode("utf-8")).digest()


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory before it has a number."""

    id: Identifier
    owner: Identifier
    text: Text
    type: MemoryType
    occurred: Moment
    created_at: datetime
    origin: Origin
    place: Place
    validity: Validity
    importance: Importance
    importance_override: float | None
    pin: Pin
    never_share: bool
    tags: tuple[str, ...]
    domains: tuple[str, ...]
    attributes: Mapping[str, JsonValue]


def compose(draft: Draft, owner: Identifier, at: datetime, zone: tzinfo) -> NewMemory:
    """Return what ``draft`` becomes when it is stored at ``at`` by somebody living in ``zone``.

    Raises:
        ContentSizeError, TitleTooLongError, LabelLengthError, ImportanceRangeError,
        ValidityOrderError
    """
    text = clean(draft.content, draft.title)
    check_validity(draft.valid_from, draft.valid_to)
    if draft.importance is not None:
        check_importance(draft.importance)
    return NewMemory(
        id=new_id(at),
        owner=owner,
        text=text,
        type=draft.type,
        occurred=draft.occurred or here_and_now(at, zone),
        created_at=at,
        origin=_clean_origin(draft.origin),
        place=replace(draft.place, speaker=normalise(draft.place.speaker).text.strip()),
        validity=Validity(draft.valid_from, draft.valid_to, at if draft.valid_to else None),
        importance=importance_of(len(text.content), override=draft.importance),
        importance_override=draft.importance,
        pin=draft.pin,
        never_share=draft.never_share,
        tags=labels(draft.tags),
        domains=tuple(dict.fromkeys(canonical(name) for name in draft.domains)),
        attributes=draft.attributes,
    )


def clean(content: str, title: str) -> Text:
    """Return ``content`` and ``title`` as they are stored.

    Raises:
        ContentSizeError: the content is empty, nothing but white space, or beyond 1 MiB.
        TitleTooLongError: the title has more than 255 characters.
    """
    body, heading = normalise(content), normalise(title)
    if not body.text.strip():
        raise ContentSizeError(0, CONTENT_BYTES)
    if (size := utf8_size(body.text)) > CONTENT_BYTES:
        raise ContentSizeError(size, CONTENT_BYTES)
    stripped = heading.text.strip()
    if len(stripped) > LONGEST_TITLE:
        raise TitleTooLongError(len(stripped))
    return Text(body.text, stripped, body.replaced + heading.replaced)


def _clean_origin(origin: Origin) -> Origin:
    source, source_id, url = (
        normalise(each).text for each in (origin.source, origin.source_id, origin.url)
    )
    return Origin(source, source_id, url)


def labels(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags or domains in lower case, each once, in the order they were given.

    Raises:
        LabelLengthError: one has more than 128 characters.
    """
    found = tuple(dict.fromkeys(label for word in words if (label := _label(word))))
    for word in found:
        if len(word) > LONGEST_TAG:
            raise LabelLengthError(word, LONGEST_TAG)
    return found


def _label(word: str) -> str:
    """Return one spelling for what readers take for the same word."""
    composed = unicodedata.normalize("NFC", normalise(word).text.casefold())
    return " ".join(composed.split()).lstrip("# ")


def storable(value: JsonValue) -> JsonValue:
    """Return a free attribute in a form that every archive can hold, sane ones unchanged.

    Numbers that canonical JSON does not know become text, and so do keys that are none.
    """
    match value:
        case str():
            return normalise(value).text
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= _LARGEST_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {normalise(str(key)).text: storable(each) for key, each in value.items()}
        case _:
            return [storable(each) for each in value]


def check_importance(value: float) -> None:
    """Refuse an importance outside [0, 1].

    Raises:
        ImportanceRangeError: it is outside, or not a number.
    """
    if not 0 <= value <= 1:
        raise ImportanceRangeError(value)


def check_validity(start: datetime | None, end: datetime | None) -> None:
    """Refuse a memory that would stop holding before it began.

    Raises:
        ValidityOrderError: ``end`` is not after ``start``.
    """
    if start is not None and end is not None and end <= start:
        raise ValidityOrderError


def here_and_now(at: datetime, zone: tzinfo) -> Moment:
    """Return the moment ``at`` with the offset that clocks in ``zone`` show then."""
    offset = at.astimezone(zone).utcoffset()
    minutes = None if offset is None else int(offset.total_seconds() // 60)
    return Moment(at, Precision.INSTANT, minutes)
