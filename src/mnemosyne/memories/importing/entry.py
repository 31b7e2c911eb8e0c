"""What reading a source yields: entries, grouped into the units that are stored at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum

from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.model import JsonValue, MemoryType, Moment


class ProblemKind(StrEnum):
    """What became of something that was not imported as it stands."""

    UNREADABLE = "unreadable"  # it should have become a memory and could not
    SKIPPED = "skipped"  # left out on purpose, such as a link or a hidden message
    ATTACHMENT = "attachment"  # a picture or another file that is not text
    BRANCH = "branch"  # a message on an abandoned branch of a conversation
    ALTERED = "altered"  # imported, with characters replaced that cannot be stored
    UNDERSTOOD_AS_TEXT = "understood-as-text"  # imported; a date or front matter made no sense


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the report has to tell: where, why, and how many such things at once.

    ``where`` and ``reason`` may hold text of the source: make it visible before printing.
    """

    kind: ProblemKind
    where: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One memory to be.

    ``source_id`` is stable within the source (a path, or conversation and message; the parts of
    one long text add ``#2``, ``#3``, …). ``thread`` is a stable key within the source as well.
    """

    text: str
    source_id: str
    title: str = ""
    type: MemoryType = MemoryType.NOTE
    occurred: Moment | None = None
    thread: str = ""
    position: int = 0
    speaker: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    url: str = ""
    attributes: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is stored in one transaction: a file, a conversation, or some hundred lines.

    ``source`` names the format and is the source of its memories; ``key`` is stable within it.
    ``digest`` is the SHA-256 in hex of the file's bytes, or of the conversation as canonical JSON.
    A unit without a digest holds problems only; a checkpoint need not remember it.
    """

    source: str
    key: str
    digest: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: the limits, the zone of dates without one, and whether to take all branches."""

    limits: Limits = field(default_factory=Limits)
    zone: tzinfo = UTC
    all_branches: bool = False


def only_problem(problem: Problem) -> Unit:
    """Return a unit that reports ``problem`` and stores nothing."""
    return Unit("", problem.where, "", (), (problem,))
