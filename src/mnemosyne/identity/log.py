"""The log of a DID: read, merged in the order first seen, and judged as a whole."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mnemosyne.identity.branches import Node, choose
from mnemosyne.identity.entry import Entry, parse_entry
from mnemosyne.identity.errors import (
    DeactivatedDidError,
    EquivocationError,
    LogCode,
    LogError,
)
from mnemosyne.identity.parameters import EntryType
from mnemosyne.identity.rules import InForce, Placed, Tree, place
from mnemosyne.identity.syntax import require_did
from mnemosyne.identity.witnesses import Receipt

# Of one branch from the genesis, and again of all that stands beside the path: so whoever fills up
# one of them cannot keep entries out of the other.
MOST_ENTRIES: Final = 1_000
LARGEST_LOG: Final = 4 * 1024 * 1024
MOST_LINES: Final = 2 * MOST_ENTRIES
LARGEST_FILE: Final = 2 * LARGEST_LOG


@dataclass(frozen=True, slots=True)
class History:
    """A log that holds: the path that counts, and what stands beside it."""

    did: str
    path: tuple[Entry, ...]
    """From the genesis to the head."""
    epoch: int
    """How many recoveries are on the path."""
    rivals: tuple[Entry, ...]
    """Beside the path, and not settled by a recovery: somebody wrote the log in two ways."""
    nullified: tuple[Entry, ...]
    """Beside the path, undone by a recovery."""
    in_force: InForce
    """The parameters that hold after the head."""
    witnessed: bool
    """Whether the log calls for witnesses, and they sealed the head."""
    entries: tuple[Entry, ...]
    """All of them, in the order first seen."""
    receipts: tuple[Receipt, ...] = ()
    """What witnesses gave for them."""

    @property
    def equivocation(self) -> bool:
        """Whether nothing new may be entrusted to this DID until a recovery settles it."""
        return bool(self.rivals)

    @property
    def head(self) -> Entry:
        """The entry that holds now."""
        return self.path[-1]

    @property
    def deactivated(self) -> bool:
        """Whether the head says that the DID is used no more."""
        return self.head.deactivates

    @property
    def created(self) -> datetime:
        """When the DID was made, by its own word."""
        return self.path[0].time

    @property
    def document(self) -> dict[str, Any] | None:
        """A copy of the document that holds now; None when the DID is deactivated."""
        return document_of(self.head)

    def version(self, version_id: str) -> Entry | None:
        """Return the entry of the path with this versionId."""
        return next((each for each in self.path if each.version_id == version_id), None)

    def at(self, moment: datetime) -> Entry | None:
        """Return the entry that held at ``moment``; None before the genesis."""
        return next((each for each in reversed(self.path) if each.time <= moment), None)


def document_of(entry: Entry) -> dict[str, Any] | None:
    """Return a copy of the document of ``entry``; None when it deactivates."""
    return None if entry.deactivates else json.loads(entry.line)["state"]


def read_log(data: bytes) -> tuple[Entry, ...]:
    """Return the entries of a log in JSON Lines, in their order; each one once.

    A line that stands there twice is checked once: checking is what costs.

    Raises:
        LogError: LOG_TOO_LONG, or why an entry is none.
    """
    if len(data) > LARGEST_FILE:
        raise LogError(LogCode.LOG_TOO_LONG, "It has more than 8 MiB")
    found = data.removesuffix(b"\n").split(b"\n", MOST_LINES) if data else []
    if len(found) > MOST_LINES:
        raise LogError(LogCode.LOG_TOO_LONG, f"It has more than {MOST_LINES:,} lines")
    places: dict[bytes, int] = {}
    for number, line in enumerate(found, start=1):
        places.setdefault(line, number)
    return merge((), tuple(_parse(line, number) for line, number in places.items()))


def sound_prefix(data: bytes) -> tuple[tuple[Entry, ...], bool]:
    """Return the entries before the first line that is none, and whether that is all of a log."""
    found: list[Entry] = []
    whole = data.endswith(b"\n") and len(data) <= LARGEST_FILE
    for line in data[:LARGEST_FILE].removesuffix(b"\n").split(b"\n", MOST_LINES):
        try:
            found.append(parse_entry(line))
        except LogError:
            return merge((), found), False
    return merge((), found), whole


def lines(entries: Iterable[Entry]) -> bytes:
    """Return ``entries`` as JSON Lines."""
    return b"".join(entry.line + b"\n" for entry in entries)


def merge(known: Sequence[Entry], more: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return ``known``, then what ``more`` adds: whatever was seen first keeps its place.

    An entry is its versionId, the hash of all but its proof; another proof makes no second entry.
    """
    entries: dict[str, Entry] = {}
    for entry in (*known, *more):
        entries.setdefault(entry.version_id, entry)
    return tuple(entries.values())


def evaluate(
    did: str, entries: Sequence[Entry], now: datetime, receipts: Iterable[Receipt] = ()
) -> History:
    """Judge a log by itself. ``entries`` stand in the order first seen, rivals among them.

    Raises:
        InvalidDidError: ``did`` is none.
        LogError: the log does not hold; ``entry`` counts from 1.
    """
    require_did(did)
    if len(entries) > MOST_LINES:
        raise LogError(LogCode.LOG_TOO_LONG, f"It has more than {MOST_LINES:,} entries")
    found = _judge(did, entries, now, tuple(receipts))
    if not _is_short(_beside(found)):
        detail = f"More than {MOST_ENTRIES:,} entries, or 4 MiB, stand beside its path"
        raise LogError(LogCode.LOG_TOO_LONG, detail)
    return found


def extend(
    history: History, more: Sequence[Entry], now: datetime, receipts: Iterable[Receipt] = ()
) -> History:
    """Judge a log together with entries that came later.

    When more stands beside the path than may, entries that a recovery nullified are left out, then
    all rivals but the one first seen, whose ancestors stay. That always fits, since every branch is
    short enough by itself. So nobody who stole keys can fill a log up to keep a recovery out of it,
    or the rival that tells of them.

    Raises:
        LogError: an entry does not hold, or its own branch is too long. What was known still holds.
    """
    receipts = (*history.receipts, *receipts)
    known = frozenset(entry.version_id for entry in history.entries)
    found = _judge(history.did, merge(history.entries, more), now, receipts, known)
    for rivals in (found.rivals, found.rivals[:1]):
        if _is_short(_beside(found)):
            break
        found = _judge(history.did, _without_nullified(found, rivals), now, receipts, known)
    return found


def require_trust(history: History) -> None:
    """Refuse a DID to which nothing new may be entrusted.

    Raises:
        EquivocationError: its log goes on in two ways.
        DeactivatedDidError: it is used no more.
    """
    if history.rivals:
        raise EquivocationError(history.did, history.head.version_id, history.rivals[0].version_id)
    if history.deactivated:
        raise DeactivatedDidError(history.did)


def _parse(line: bytes, number: int) -> Entry:
    try:
        return parse_entry(line)
    except LogError as error:
        raise error.at(number) from error


def _judge(
    did: str,
    entries: Sequence[Entry],
    now: datetime,
    receipts: tuple[Receipt, ...],
    known: frozenset[str] = frozenset(),
) -> History:
    """Judge a log; what is ``known`` was taken in once, and no clock set back refuses it."""
    by_version: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        by_version.setdefault(receipt.version_id, []).append(receipt)
    tree = Tree()
    sizes: dict[str | None, int] = {None: 0}  # of each entry with all those that it follows
    for number, entry in enumerate(entries, start=1):
        if entry.version_id in tree.placed:
            continue
        moment = max(now, entry.time) if entry.version_id in known else now
        try:
            tree.add(place(did, entry, tree, moment, by_version))
            size = sizes[entry.previous] + len(entry.line) + 1
            _check_length(entry, size)
        except LogError as error:
            raise error.at(number) from error
        sizes[entry.version_id] = size
    if not tree.placed:
        raise LogError(LogCode.GENESIS, "The log is empty")
    return _history(did, tuple(tree.placed.values()), receipts)


def _check_length(entry: Entry, size: int) -> None:
    """Refuse an entry at the end of a branch that is too long, wherever else the branch is known.

    What is refused so is refused by everybody. Else an entry that one reader may keep beside their
    path would make another, on whose path it is, refuse all that came with it.
    """
    if entry.number > MOST_ENTRIES or size > LARGEST_LOG:
        detail = f"With those it follows it is more than {MOST_ENTRIES:,} entries, or 4 MiB"
        raise LogError(LogCode.LOG_TOO_LONG, detail)


def _history(did: str, placed: tuple[Placed, ...], receipts: tuple[Receipt, ...]) -> History:
    branches = choose(
        [
            Node(
                parent=each.parent.index if each.parent else None,
                epoch=each.epoch,
                recovers=each.entry.type is EntryType.RECOVER,
            )
            for each in placed
        ]
    )
    head = placed[branches.path[-1]]
    return History(
        did=did,
        path=tuple(placed[index].entry for index in branches.path),
        epoch=head.epoch,
        rivals=tuple(placed[index].entry for index in branches.rivals),
        nullified=tuple(placed[index].entry for index in branches.nullified),
        in_force=head.in_force,
        witnessed=head.witnessed,
        entries=tuple(each.entry for each in placed),
        receipts=receipts,
    )


def fits(entries: Sequence[Entry]) -> bool:
    """Return whether these are no more than a log may hold, rivals and all."""
    return len(entries) <= MOST_LINES and _size(entries) <= LARGEST_FILE


def _size(entries: Iterable[Entry]) -> int:
    return sum(len(entry.line) + 1 for entry in entries)


def _beside(history: History) -> tuple[Entry, ...]:
    return (*history.rivals, *history.nullified)


def _is_short(entries: Sequence[Entry]) -> bool:
    return len(entries) <= MOST_ENTRIES and _size(entries) <= LARGEST_LOG


def _without_nullified(history: History, rivals: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the path, ``rivals`` and what they follow, in their order."""
    every = {entry.version_id: entry for entry in history.entries}
    kept = {entry.version_id for entry in history.path}
    for rival in rivals:
        at: str | None = rival.version_id
        while at is not None and at not in kept:
            kept.add(at)
            at = every[at].previous
    return tuple(entry for entry in history.entries if entry.version_id in kept)
