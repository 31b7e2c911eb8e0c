"""Examine a record by itself: every entry against its own bytes, its head and its details.

Nothing here trusts a column. What an attacker who recomputes everything can still forge is found
by comparison with what was kept outside (``evidence``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from mnemosyne.audit import pseudonyms
from mnemosyne.audit.faults import Fault, Finding
from mnemosyne.audit.model import READ
from mnemosyne.audit.store import moment, payload_hash, subject_hash
from mnemosyne.kit.canonical_json import NotCanonicalError, canonical_json
from mnemosyne.kit.crypto.digests import keyed_hash
from mnemosyne.kit.crypto.merkle import EMPTY_ROOT, Frontier, leaf_hash, roots

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The interpreter's own encoder writes nearly every entry as RFC 8785 does, ten times as fast. Where
# what it writes fits, it is what was hashed; where it does not, the slow encoder decides.
_FAST: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_SALT: Final = 32
_READ: Final = json.JSONDecoder().decode
_BINDS: Final = b'"subject_hash":'  # inside a value its quotes would be escaped
_STATED: Final = frozenset({"seq", "type", "time", "credential", "channel", "payload_hash"})


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row as the driver gives it: any column may hold anything. ``payload`` is JSON text."""

    seq: Any
    type: Any
    at: Any
    canonical: Any
    payload_hash: Any
    head: Any
    subject: Any = None
    salt: Any = None
    payload: Any = None


@dataclass(frozen=True, slots=True)
class StoredTree:
    """The row of a tree as the driver gives it."""

    owner: str
    size: Any
    frontier: Any
    pseudonym: Any
    salt: Any


class Whose(Enum):
    """To whom a record belongs, as the tables of people say."""

    LIVING = auto()
    ERASED = auto()
    NOBODY = auto()
    """Neither to somebody who is there nor to somebody who was erased."""


@dataclass(slots=True)
class Examined:
    """A record after it was examined: its leaf hashes, the root after each, and what is wrong."""

    leaves: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    without_details: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.leaves)

    @property
    def root(self) -> bytes:
        """The root of the tree over the entries as they are."""
        return self.heads[-1] if self.heads else EMPTY_ROOT


def examine(
    rows: Iterable[StoredEntry], tree: StoredTree | None, whose: Whose = Whose.LIVING
) -> Examined:
    """Examine the entries of one person in the order of their numbers."""
    stored = [(row, row.canonical if isinstance(row.canonical, bytes) else b"") for row in rows]
    leaves = [leaf_hash(canonical) for _, canonical in stored]
    found = Examined(leaves, roots(leaves), [str(row.type) for row, _ in stored])
    found.without_details = sum(row.salt is None for row, _ in stored)
    early = True  # made before entries bound their subjects, and so before the first that does
    for expected, (row, canonical) in enumerate(stored, 1):
        early = early and _BINDS not in canonical
        problems = _problems(row, expected, canonical, found.heads[expected - 1], early=early)
        if problem := next(problems, None):
            found.findings.append(problem)
            break  # after the first bad entry every head differs
    found.findings.extend(_tree_problems(found, Frontier.of(leaves), tree, whose))
    return found


def _problems(
    row: StoredEntry, expected: int, canonical: bytes, head: bytes, *, early: bool
) -> Iterator[Finding]:
    """Yield what is wrong with one entry, the plainest first."""
    if row.seq != expected:
        yield _misplaced(row.seq, expected)
        return
    stated = _stated(canonical)
    if stated is None:
        yield Finding(Fault.CHANGED, expected, "it is not an entry any more")
    elif stated["seq"] != expected:
        yield Finding(Fault.MOVED, expected, f"what stands there is entry {stated['seq']}")
    elif row.head != head:
        yield Finding(Fault.CHANGED, expected, "it does not fit its head in the tree")
    elif differing := _differing(row, stated):
        yield Finding(Fault.CHANGED, expected, f"its {differing} is not what it states")
    elif problem := _details_problem(row, stated) or _subject_problem(row, stated, early=early):
        yield Finding(Fault.DETAILS, expected, problem)


def _misplaced(number: object, expected: int) -> Finding:
    if isinstance(number, int) and number > expected:
        return Finding(Fault.MISSING, expected, "it is gone")
    return Finding(Fault.INSERTED, expected, f"an entry of the number {number} was put in")


def _stated(canonical: bytes) -> Mapping[str, Any] | None:
    """Return what canonical bytes say, or None where they are not the bytes of an entry."""
    try:
        stated = _READ(canonical.decode())
        whole = isinstance(stated, dict) and (
            _FAST(stated).encode() == canonical or canonical_json(stated) == canonical
        )
    except (ValueError, RecursionError, NotCanonicalError):
        return None
    return stated if whole and stated.keys() >= _STATED else None


def _differing(row: StoredEntry, stated: Mapping[str, Any]) -> str:
    if row.type != stated["type"]:
        return "type"
    if not isinstance(row.at, int) or moment(_moment(row.at)) != stated["time"]:
        return "time"
    if not isinstance(row.payload_hash, bytes) or row.payload_hash.hex() != stated["payload_hash"]:
        return "hash of the details"
    return ""


def _moment(microseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return _EPOCH


def _details_problem(row: StoredEntry, stated: Mapping[str, Any]) -> str:
    if row.salt is None and row.payload is None and row.subject is None:
        return ""  # erased, which leaves the entry as it was
    # HMAC fills its key up with zeros: a longer salt could give the same hash.
    if not _is_salt(row.salt) or not isinstance(row.subject, str):
        return "its details are not whole"
    try:
        payload = _READ(row.payload) if isinstance(row.payload, str) else None
        fits = isinstance(payload, dict) and _was_made_with(row.salt, payload, stated)
    except (ValueError, RecursionError, NotCanonicalError):
        fits = False
    return "" if fits else "its details, or their salt, are not those it was made with"


def _subject_problem(row: StoredEntry, stated: Mapping[str, Any], *, early: bool) -> str:
    """Say where details are filed under another subject than the one they were made for."""
    if row.salt is None:
        return ""
    bound = stated.get("subject_hash")
    if bound is None:  # a read, or an entry from before the tree
        fits = early or row.subject == (READ if row.type == READ else "")
    else:
        fits = subject_hash(row.salt, row.subject) == bound
    return "" if fits else "its details are filed under another subject"


def _is_salt(stored: object) -> bool:
    return isinstance(stored, bytes) and len(stored) == _SALT


def _was_made_with(salt: bytes, payload: Mapping[str, Any], stated: Mapping[str, Any]) -> bool:
    expected = bytes.fromhex(str(stated["payload_hash"]))
    return (
        keyed_hash(salt, _FAST(payload).encode()) == expected
        or payload_hash(salt, payload) == expected
    )


def _tree_problems(
    found: Examined, frontier: Frontier, tree: StoredTree | None, whose: Whose
) -> Iterator[Finding]:
    if not found.size and (tree is None or tree.size == 0):
        # Each begins when its person joins, and stays when they are erased.
        yield Finding(Fault.MISSING, 1, "the whole record is gone")
        return
    if tree is None:
        yield Finding(Fault.TREE, None, "the row of the tree is gone")
        return
    if problem := _name_problem(tree, whose):
        yield Finding(Fault.TREE, None, problem)
    if tree.frontier == frontier.to_bytes():
        if tree.size != frontier.size:
            yield Finding(Fault.TREE, None, "the size of the tree is not that of its frontier")
    elif not isinstance(tree.size, int) or tree.size == frontier.size:
        if not found.findings:
            yield Finding(Fault.TREE, None, "the frontier of the tree was changed")
    elif found.findings:
        return  # which name the first bad entry already
    elif tree.size > frontier.size:
        last = tree.size
        detail = "it is gone" if last == frontier.size + 1 else f"it and all up to {last} are gone"
        yield Finding(Fault.MISSING, frontier.size + 1, detail)
    else:
        yield Finding(Fault.INSERTED, max(tree.size, 0) + 1, "the tree knows of no such entry")


def _name_problem(tree: StoredTree, whose: Whose) -> str:
    if whose is Whose.NOBODY:
        return "it belongs to nobody who is here or was erased"
    if whose is Whose.ERASED:
        fits = tree.salt is None and tree.pseudonym == tree.owner
        return "" if fits else "it does not stand under the name of somebody erased"
    if tree.salt is None:
        return "the salt of the pseudonyms is gone"
    if not _is_salt(tree.salt) or tree.pseudonym != pseudonyms.of_person(tree.salt, tree.owner):
        return "the pseudonym of the person is not that of their salt"
    return ""
