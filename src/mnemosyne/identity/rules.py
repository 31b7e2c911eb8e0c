"""What an entry may do after its parent: order, keys, tiers, witnesses.

The checks come in this order, and the first that fails names the reason: FUTURE, SCID, NO_PARENT,
ORDER, DEACTIVATED, INVALID_STATE, then the keys (PRE_ROTATION, RECOVERY_TIER and NEXT_KEYS, or
RECOVERY_KEY), and WITNESS.

A recovery is authorised by the recovery keys in force at the entry that it names as ``previous``.
So a key that a later recovery spent still signs a sound *rival* recovery from an older entry. It is
not refused: whoever sees both must know of it, since the rival may be the true one. It is reported
as equivocation, and ``branches`` keeps what was seen first.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mnemosyne.identity.document import document_keys
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.parameters import EntryType, Witness, key_hash
from mnemosyne.identity.witnesses import Receipt, witnessed

FUTURE: Final = timedelta(minutes=5)
_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds after an entry, stated by it or by one before it."""

    recovery_key_hashes: tuple[str, ...]
    witness: Witness | None
    mirrors: tuple[str, ...]
    ttl: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry that may stand where it stands."""

    entry: Entry
    index: int
    parent: "Placed | None"
    epoch: int
    hot: frozenset[str]
    """Hashes of the keys that it presents or promises for the hot tier."""
    spent: frozenset[str]
    """The hash of the recovery key that it used up."""
    shown: frozenset[str]
    """The hashes of the keys whose public half it made known for writing."""
    in_force: InForce
    witnessed: bool
    """Whether witnesses were called for, and gave their receipts."""


class Tree:
    """The entries that were placed so far, by versionId, in the order first seen."""

    def __init__(self) -> None:
        self.placed: dict[str, Placed] = {}
        self._shown: set[str] = set()

    def add(self, placed: Placed) -> None:
        """Take an entry in."""
        self.placed[placed.entry.version_id] = placed
        self._shown |= placed.shown

    def showed(self, hashes: Collection[str], end: Placed) -> bool:
        """Whether a key behind one of ``hashes`` was seen on the way from ``end`` to genesis."""
        found = self._shown.intersection(hashes)  # on any branch: most logs show no key twice
        return bool(found) and any(found & before.shown for before in _ancestry(end))


def place(
    did: str,
    entry: Entry,
    tree: Tree,
    now: datetime,
    receipts: Mapping[str, Collection[Receipt]],
) -> Placed:
    """Return ``entry`` with its place behind those already in the ``tree``.

    Raises:
        LogError: it may not stand there.
    """
    if entry.time > now + FUTURE:
        raise LogError(LogCode.FUTURE, "It is dated more than 5 minutes ahead")
    parent = _parent(did, entry, tree.placed)
    if parent is not None:
        _check_order(entry, parent.entry)
        _check_did(did, entry)
        _check_keys(entry, parent, tree)
    sealed = _check_witnesses(did, entry, parent, receipts)
    recovers = entry.type is EntryType.RECOVER
    presented = entry.parameters.update_key_hashes
    spent = frozenset({key_hash(entry.signer)}) if recovers else _NOTHING
    return Placed(
        entry=entry,
        index=len(tree.placed),
        parent=parent,
        epoch=(parent.epoch if parent else 0) + recovers,
        hot=presented | set(entry.parameters.next_key_hashes),
        spent=spent,
        shown=presented | spent,
        in_force=_in_force(entry, parent.in_force if parent else None),
        witnessed=sealed,
    )


def _parent(did: str, entry: Entry, placed: Mapping[str, Placed]) -> Placed | None:
    if entry.type is EntryType.CREATE:
        if entry.did != did:
            raise LogError(LogCode.SCID, "It is the genesis of another DID")
        return None
    if entry.previous is None or entry.previous not in placed:
        raise LogError(LogCode.NO_PARENT, "The entry that it follows is not in the log before it")
    return placed[entry.previous]


def _check_order(entry: Entry, parent: Entry) -> None:
    if entry.number != parent.number + 1:
        raise LogError(LogCode.ORDER, "Its number is not one more than that of its parent")
    if entry.time <= parent.time:
        raise LogError(LogCode.ORDER, "Its time is not later than that of its parent")
    if parent.deactivates and entry.type is not EntryType.RECOVER:
        raise LogError(LogCode.DEACTIVATED, "Only a recovery can follow a deactivation")


def _check_did(did: str, entry: Entry) -> None:
    if entry.state and entry.did != did:
        raise LogError(LogCode.INVALID_STATE, "Its document is that of another DID")


def _check_keys(entry: Entry, parent: Placed, tree: Tree) -> None:
    listed = {key_hash(each) for each in document_keys(entry.state)}
    if entry.type is EntryType.RECOVER:
        _check_recovery(entry, parent)
    else:
        _check_hot(entry, parent)
        if tree.showed(entry.parameters.next_key_hashes, parent):
            raise LogError(LogCode.NEXT_KEYS, "It promises a key that was shown before")
        listed &= {*parent.in_force.recovery_key_hashes, *parent.entry.parameters.next_key_hashes}
        if listed:
            raise LogError(LogCode.INVALID_STATE, "The document lists a key that writes the log")


def _check_hot(entry: Entry, parent: Placed) -> None:
    stated = entry.parameters
    if not stated.update_key_hashes <= set(parent.entry.parameters.next_key_hashes):
        raise LogError(LogCode.PRE_ROTATION, "Its parent did not promise its updateKeys")
    cold = set(parent.in_force.recovery_key_hashes)
    if cold & (stated.update_key_hashes | set(stated.next_key_hashes)):
        raise LogError(LogCode.RECOVERY_TIER, "It lists a recovery key among its hot keys")


def _check_recovery(entry: Entry, parent: Placed) -> None:
    if key_hash(entry.signer) not in parent.in_force.recovery_key_hashes:
        raise LogError(LogCode.RECOVERY_KEY, "No recovery key of its parent signed it")
    stated = entry.parameters
    hot = stated.update_key_hashes | set(stated.next_key_hashes)
    cold = frozenset(stated.recovery_key_hashes or ())
    for before in _ancestry(parent):
        if not hot.isdisjoint(before.hot):
            raise LogError(LogCode.RECOVERY_KEY, "A hot key from before the recovery is listed")
        if not (hot | cold).isdisjoint(before.spent):
            raise LogError(LogCode.RECOVERY_KEY, "A spent recovery key is listed again")
        if not cold.isdisjoint(before.hot):
            raise LogError(LogCode.RECOVERY_KEY, "A hot key becomes a recovery key")


def _ancestry(placed: Placed | None) -> Iterator[Placed]:
    while placed is not None:
        yield placed
        placed = placed.parent


def _check_witnesses(
    did: str,
    entry: Entry,
    parent: Placed | None,
    receipts: Mapping[str, Collection[Receipt]],
) -> bool:
    """Return whether an entry before called for witnesses; no set seals the entry that names it."""
    wanted = parent.in_force.witness if parent else None
    if wanted is None:
        return False
    if not witnessed(did, entry.version_id, wanted, receipts.get(entry.version_id, ())):
        raise LogError(LogCode.WITNESS, "Fewer witnesses gave a receipt than the log calls for")
    return True


def _in_force(entry: Entry, before: InForce | None) -> InForce:
    stated = entry.parameters
    before = before or InForce((), None, (), None)
    kept = None if stated.ends_witnessing else before.witness
    recovery, mirrors = stated.recovery_key_hashes, stated.mirrors
    return InForce(
        recovery_key_hashes=before.recovery_key_hashes if recovery is None else recovery,
        witness=stated.witness or kept,
        mirrors=before.mirrors if mirrors is None else mirrors,
        ttl=before.ttl if stated.ttl is None else stated.ttl,
    )
