"""Where a recovery may go back to, what it drops, and which key may sign it."""

from collections.abc import Iterator

from mnemosyne.identity import naming
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History
from mnemosyne.identity.model import RecoveryPlan
from mnemosyne.identity.parameters import EntryType
from mnemosyne.identity.refusals import UnknownVersionError


def plan(history: History, version: str, own_head: str | None) -> RecoveryPlan:
    """Return what recovering from ``version`` means, or from the newest entry of one's own.

    Raises:
        UnknownVersionError: there is no such entry, or a recovery that came after it would win.
        AmbiguousVersionError: several entries are named so.
    """
    if version:
        previous = _named(history, version)
        if _start(history, previous) is not _start(history, history.head):
            raise UnknownVersionError(
                version, "Another recovery was seen first, and beats one that starts there."
            )
    else:
        previous = _last_good(history, own_head)
    kept = {entry.version_id for entry in ancestry(history, previous)}
    beside = (*history.path, *history.rivals)
    dropped = tuple(
        entry
        for entry in beside
        if entry.version_id not in kept and epoch_of(history, entry) == history.epoch
    )
    return RecoveryPlan(
        did=history.did,
        previous=previous,
        nullified=dropped,
        epoch=history.epoch + 1,
        adopted=own_head is None,
    )


def ancestry(history: History, entry: Entry) -> Iterator[Entry]:
    """Yield an entry and those before it on its own path, the newest first."""
    known = {each.version_id: each for each in history.entries}
    current: Entry | None = entry
    while current is not None:
        yield current
        current = known.get(current.previous) if current.previous else None


def lineage(history: History, version_id: str) -> frozenset[str]:
    """Return the versionIds of an entry and of all before it; the first entry is always of them.

    The entry may stand beside the path by now, nullified or a rival: what came before it is none
    the less of the same hand.
    """
    end = next((each for each in history.entries if each.version_id == version_id), None)
    before = () if end is None else ancestry(history, end)
    return frozenset({history.path[0].version_id, *(each.version_id for each in before)})


def epoch_of(history: History, entry: Entry) -> int:
    """Return how many recoveries lie on the path to an entry, itself included."""
    return sum(each.type is EntryType.RECOVER for each in ancestry(history, entry))


def committed(history: History, entry: Entry) -> frozenset[str]:
    """Return the hashes of the keys that may recover from ``entry``; none after a tombstone."""
    for each in ancestry(history, entry):
        if not each.type.hot:
            return frozenset(each.parameters.recovery_key_hashes or ())
    return frozenset()


def last_state(history: History, entry: Entry) -> dict[str, object]:
    """Return the newest document on the path to ``entry``; a deactivated one has none."""
    return next((dict(each.state) for each in ancestry(history, entry) if each.state), {})


def _named(history: History, version: str) -> Entry:
    """Return the entry that is named; one from which a recovery may start comes first."""
    found = naming.named(history.entries, version)
    start = _start(history, history.head)
    usable = tuple(entry for entry in found if _start(history, entry) is start)
    entry = naming.only(usable or found, version)
    if entry is None:
        raise UnknownVersionError(version, "The log has no such entry.")
    return entry


def _last_good(history: History, own_head: str | None) -> Entry:
    """Return the newest own entry, unless somebody recovered the DID after it."""
    own = next((each for each in history.entries if each.version_id == own_head), history.head)
    start = _start(history, history.head)
    return own if _start(history, own) is start else start


def _start(history: History, entry: Entry) -> Entry:
    """Return the genesis or the recovery that began the epoch of an entry."""
    return next(each for each in ancestry(history, entry) if not each.type.hot)
