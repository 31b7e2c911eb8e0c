"""Where one's own DID stands: the log as known here, and whether this vault may write on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.identity import store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, evaluate, extend, merge
from mnemosyne.identity.model import Mine
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.public_copy import PublicCopy
from mnemosyne.identity.refusals import (
    ClockBehindError,
    DidUnconfirmedError,
    KeysElsewhereError,
    NoDidError,
)
from mnemosyne.identity.store import OwnDid
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.keyring import KeyKind, Keyring

_SECOND: Final = timedelta(seconds=1)
_SKEW: Final = timedelta(minutes=5)  # how far ahead of their clocks others accept an entry
_KEYRING: Final = Keyring()


@dataclass(frozen=True, slots=True)
class Standing:
    """One's own DID in one snapshot.

    ``ahead`` are entries that the copy beside the vault has more; it is looked at while the vault
    is not confirmed.
    """

    own: OwnDid
    history: History
    incarnation: str
    copy: PublicCopy
    ahead: tuple[Entry, ...]

    @property
    def confirmed(self) -> bool:
        """Whether what was published since the last restore is known."""
        return self.own.confirmed_incarnation == self.incarnation

    @property
    def elsewhere(self) -> tuple[Entry, ...]:
        """Entries that hold and that this vault neither wrote nor confirmed."""
        numbers = [entry.version_id for entry in self.history.path]
        if self.own.own_head not in numbers:
            return self.history.path
        return self.history.path[numbers.index(self.own.own_head) + 1 :]

    def require_confirmed(self) -> None:
        """Refuse to write on from what may be old.

        Raises:
            DidUnconfirmedError: the vault was restored, and nothing was compared since.
        """
        if not self.confirmed:
            raise DidUnconfirmedError(self.own.did, len(self.ahead), self.copy.path)


def look(tx: Connection, owner: Identifier, copy: PublicCopy, now: datetime) -> Standing:
    """Return where the DID of ``owner`` stands.

    Raises:
        NoDidError: there is none.
    """
    own = store.own(tx, owner)
    if own is None:
        raise NoDidError
    known = store.entries(tx, owner, own.did)
    incarnation = vault.load(tx).incarnation
    ahead: tuple[Entry, ...] = ()
    if own.confirmed_incarnation != incarnation:
        ahead = unknown(known, copy.read(own.did))
    return Standing(own, evaluated(own.did, known, now), incarnation, copy, ahead)


def ahead_of(tx: Connection, copy: PublicCopy) -> int:
    """Return how many entries the copy beside a vault has more than the vault itself."""
    own = [found for owner in accounts.everybody(tx) if (found := store.own(tx, owner))]
    return sum(
        len(unknown(store.entries(tx, each.owner, each.did), copy.read(each.did))) for each in own
    )


def unknown(known: Sequence[Entry], given: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of ``given`` that are not in ``known``, in their order."""
    return merge(known, given)[len(known) :]


def evaluated(did: str, entries: Sequence[Entry], now: datetime) -> History:
    """Return what a stored log says.

    That no entry is of the future was checked when each was taken; a clock that was set back since
    must not make the log unreadable.
    """
    newest = max((entry.time for entry in entries), default=now)
    return evaluate(did, entries, max(now, newest))


def extended(did: str, known: Sequence[Entry], given: Sequence[Entry], now: datetime) -> History:
    """Return what a stored log says with entries that somebody showed.

    Raises:
        LogError: an entry does not hold, or is of the future.
    """
    return extend(evaluated(did, known, now), given, now) if known else evaluate(did, given, now)


def mine_of(tx: Connection, standing: Standing) -> Mine:
    """Return what the person is told."""
    return Mine(
        did=standing.own.did,
        history=standing.history,
        own_head=standing.own.own_head,
        confirmed=standing.confirmed,
        writable=next_key(tx, standing.own.owner, standing.history) is not None,
        elsewhere=standing.elsewhere,
        ahead=len(standing.ahead),
    )


def next_key(tx: Connection, owner: Identifier, history: History) -> str | None:
    """Return the key in this vault that the newest entry has committed to, if it is here."""
    committed = frozenset(history.head.parameters.next_key_hashes)
    hot = _KEYRING.held(tx, owner, KeyKind.HOT)
    return next((key for key in hot if key_hash(key) in committed), None)


def require_next_key(tx: Connection, owner: Identifier, history: History) -> str:
    """Return the key that writes the next entry.

    Raises:
        KeysElsewhereError: it is not in this vault.
    """
    found = next_key(tx, owner, history)
    if found is None:
        raise KeysElsewhereError(history.head.version_id)
    return found


def entry_time(newest: datetime, now: datetime) -> datetime:
    """Return the time of the next entry: this second, or the one after the newest entry.

    Raises:
        ClockBehindError: the newest entry is so far ahead that nobody would accept another one.
    """
    at = max(now.replace(microsecond=0), newest + _SECOND)
    if at > now + _SKEW:
        raise ClockBehindError(newest, now)
    return at
