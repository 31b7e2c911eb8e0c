"""Values of the identity feature: what a person is told of their own DID and of those of others."""

from dataclasses import dataclass
from enum import StrEnum

from mnemosyne.contacts.model import Contact
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History


class Rotated(StrEnum):
    """Which keys a rotation makes anew. Those that change the log are always among them."""

    HOT = "hot"
    SIGNING = "sig"
    AGREEMENT = "enc"
    NODE = "node"


class Standing(StrEnum):
    """How an entry stands to the others of its log."""

    CURRENT = "current"
    NULLIFIED = "nullified"
    RIVAL = "rival"


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry, how it stands, and whether this vault wrote or confirmed it."""

    entry: Entry
    standing: Standing
    own: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's own DID as this vault knows it.

    ``confirmed`` is false after a restore, until what was published since is known, and while the
    copy beside the vault has more: ``ahead`` counts that. ``elsewhere`` are entries that hold and
    that this vault did not write; ``writable`` tells whether the keys for the next one are here.
    ``names_node`` is false where the document does not name the key with which the node signs.
    """

    did: str
    history: History
    own_head: str
    confirmed: bool
    writable: bool
    elsewhere: tuple[Entry, ...] = ()
    ahead: int = 0
    known: frozenset[str] = frozenset()
    """The versionIds that this vault wrote or confirmed, wherever they stand by now."""
    names_node: bool = True

    @property
    def log(self) -> tuple[LogLine, ...]:
        """Every entry in the order first seen."""
        path = {entry.version_id for entry in self.history.path}
        rivals = {entry.version_id for entry in self.history.rivals}
        return tuple(
            LogLine(
                entry,
                Standing.CURRENT
                if entry.version_id in path
                else Standing.RIVAL
                if entry.version_id in rivals
                else Standing.NULLIFIED,
                entry.version_id in self.known,
            )
            for entry in self.history.entries
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a document that comes or goes."""

    added: bool
    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the document: what differs, and how the DID stands afterwards.

    ``mine`` is None where the change was only looked at.
    """

    differences: tuple[Difference, ...]
    mine: Mine | None


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What a person wants to be different in their document."""

    node_endpoint: str = ""
    add_services: tuple[tuple[str, str, str], ...] = ()
    """Fragment, type and URL of each."""
    remove_services: tuple[str, ...] = ()
    also_known_as: tuple[str, ...] = ()
    not_known_as: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    remove_mirrors: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be different."""
        return self == DocumentChange()


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """What a recovery would go back to, and what it would drop."""

    did: str
    previous: Entry
    nullified: tuple[Entry, ...]
    epoch: int
    """The number of recoveries with this one."""
    adopted: bool
    """Whether the DID is new to this vault."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A DID that its person has back."""

    plan: RecoveryPlan
    mine: Mine


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Whether a phrase would recover a DID, and whether it opens the vault."""

    did: str
    fits: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a comparison with a log from outside showed."""

    mine: Mine
    adopted: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A card that was taken: whose it is, how their DID stands, and which entries were new.

    ``settled`` tells that the log had rivals before, and that a recovery on the card ended that.
    """

    contact: Contact
    history: History
    fresh: tuple[Entry, ...]
    settled: bool = False
