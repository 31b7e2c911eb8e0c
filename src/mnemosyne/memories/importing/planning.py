"""What becomes of an entry that may have been imported before: pure rules.

The source is asked first (did its text change?), then the person (did they edit, forget, erase?).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.importing.entry import Entry


class Fate(Enum):
    """What an import does with one entry."""

    NEW = auto()
    SAME = auto()  # the source says what it said before, whatever the person made of it
    CHANGED = auto()  # the source says something else, and the person left it alone: a new version
    CONFLICT = auto()  # both changed: the source's text becomes a memory beside
    FORGOTTEN = auto()
    ERASED = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the things that the person removed they want back."""

    forgotten: bool = False
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an entry that was imported before.

    ``version`` is that of the memory when it was imported. The other fields are those it has now;
    ``current`` is its version, or None when the memory was erased.
    """

    memory_id: Identifier
    text_hash: bytes
    version: int
    current: int | None
    in_bin: bool
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry with the keyed hashes by which it is known again."""

    entry: Entry
    source_key: bytes
    text_hash: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """An entry, what is known of it, and its fate; ``fresh`` when no record of it is right yet."""

    wanted: Wanted
    known: Known | None
    fate: Fate
    fresh: bool = False

    @property
    def returns(self) -> bool:
        """Whether a memory comes out of the bin."""
        return self.known is not None and self.known.in_bin and self.fate is not Fate.FORGOTTEN


def decide(known: Known | None, text_hash: bytes, asked: Asked) -> Fate:
    """Return the fate of an entry whose text has the keyed hash ``text_hash``."""
    if known is None:
        return Fate.NEW
    if known.current is None:
        return Fate.NEW if asked.erased else Fate.ERASED
    if known.in_bin and not asked.forgotten:
        return Fate.FORGOTTEN
    if known.text_hash == text_hash:
        return Fate.SAME
    return Fate.CHANGED if known.current == known.version else Fate.CONFLICT


def occurs(entry: Entry, known: Known | None) -> datetime | None:
    """Return when an entry happened; None for now.

    The time of a file's last change says nothing of a note that was dated when it first came.
    """
    dated = entry.occurred is not None and entry.attributes.get("date_from") != "mtime"
    if known is not None and known.occurred_at is not None and not dated:
        return known.occurred_at
    return entry.occurred.at if entry.occurred else None


def text_as_imported(entry: Entry) -> str:
    """Return what a change of the source is told by: the text and the front matter before it."""
    front = entry.attributes.get("front_matter")
    return f"{front}{entry.text}" if isinstance(front, str) else entry.text


_NOBODY = frozenset(
    [
        *("me", "user", "human", "assistant", "system", "tool", "function", "developer", "model"),
        *("ai", "bot", "agent", "chatgpt", "claude", "gemini", "copilot", "unknown", "anonymous"),
    ]
)
_LONGEST_NAME = 128


def people_in(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return who speaks in the threads among ``entries``: people, neither programs nor the person.

    A speaker with a tool, or a name that no person has, is not one.
    """
    names = (
        entry.speaker.strip()
        for entry in entries
        if entry.thread and entry.speaker and "tool" not in entry.attributes
    )
    return tuple(
        dict.fromkeys(name for name in names if name.casefold() not in _NOBODY and _is_name(name))
    )


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and any(map(str.isalpha, name))
