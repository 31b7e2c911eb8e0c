"""Where one's own DID stands: the log as known here, and whether this vault may write on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.identity import recovering, store
from mnemosyne.identity.document import document_keys
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import LogError
from mnemosyne.identity.log import History, evaluate, extend, merge
from mnemosyne.identity.model import Mine
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.public_copy import Beside, PublicCopies, PublicCopy
from mnemosyne.identity.refusals import (
    ClockBehindError,
    DidUnconfirmedError,
    KeysElsewhereError,
    NoDidError,
    NothingNewError,
)
from mnemosyne.identity.sources import Source
from mnemosyne.identity.store import OwnDid
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.keyring import KeyKind, Keyring

_SECOND: Final = timedelta(seconds=1)
_SKEW: Final = timedelta(minutes=5)  # how far ahead of their clocks others accept an entry
_KEYRING: Final = Keyring()


@dataclass(frozen=True, slots=True)
class Standing:
    """One's own DID in one snapshot.

    ``ahead`` are entries that ``beside``, the copy beside the vault, has more.
    """

    own: OwnDid
    history: History
    incarnation: str
    copy: PublicCopy
    beside: Beside
    ahead: tuple[Entry, ...]

    @property
    def confirmed(self) -> bool:
        """Whether nothing tells that the vault is of an earlier day and was not compared since.

        A restore tells it by a new incarnation; a database file that was put back by other means
        only by the copy beside it, which then knows more.
        """
        return self.own.confirmed_incarnation == self.incarnation and not self.ahead

    @property
    def elsewhere(self) -> tuple[Entry, ...]:
        """Entries that hold and that this vault neither wrote nor confirmed."""
        known = recovering.lineage(self.history, self.own.own_head)
        return tuple(entry for entry in self.history.path if entry.version_id not in known)

    def require_confirmed(self) -> None:
        """Refuse to write on from what may be old.

        Raises:
            DidUnconfirmedError: the vault is of an earlier day, and nothing was compared since.
        """
        if not self.confirmed:
            whole = None if self.beside.damaged else self.copy.path
            raise DidUnconfirmedError(self.own.did, len(self.ahead), whole)


def look(tx: Connection, owner: Identifier, copy: PublicCopy, now: datetime) -> Standing:
    """Return where the DID of ``owner`` stands.

    Raises:
        NoDidError: there is none.
    """
    # Looked at before the snapshot begins: what another process writes meanwhile is in both.
    beside = copy.look()
    own = store.own(tx, owner)
    if own is None:
        raise NoDidError
    known = store.entries(tx, owner, own.did)
    return Standing(
        own=own,
        history=evaluated(own.did, known, now),
        incarnation=vault.load(tx).incarnation,
        copy=copy,
        beside=beside,
        ahead=ahead_in(beside, own.did, known, now),
    )


def ahead_in(beside: Beside, did: str, known: Sequence[Entry], now: datetime) -> tuple[Entry, ...]:
    """Return what the copy beside a vault has more than ``known``, other than what is settled.

    A log that is full gives up what a recovery has nullified, and the copy may have that still.
    """
    more = unknown(known, beside.of(did))
    if not more or not known:
        return more
    try:
        history = extended(did, known, more, now)
    except LogError:
        return more
    settled = {entry.version_id for entry in history.nullified}
    counts = {entry.version_id for entry in history.entries} - settled
    return more if any(entry.version_id in counts for entry in more) else ()


@dataclass(frozen=True, slots=True)
class KnownLog:
    """What a vault knows of the DID of one of its people; ``compared`` since it was restored."""

    owner: Identifier
    did: str
    entries: tuple[Entry, ...]
    compared: bool


def logs_of(tx: Connection) -> tuple[KnownLog, ...]:
    """Return what a vault knows of the DIDs of its people."""
    incarnation = vault.load(tx).incarnation
    own = [found for owner in accounts.everybody(tx) if (found := store.own(tx, owner))]
    return tuple(
        KnownLog(
            each.owner,
            each.did,
            store.entries(tx, each.owner, each.did),
            each.confirmed_incarnation == incarnation,
        )
        for each in own
    )


def ahead_of(tx: Connection, copies: PublicCopies, now: datetime) -> int:
    """Return how many entries the copies beside a vault have more than the vault itself."""
    return sum(
        len(ahead_in(copies.of(each.owner).look(), each.did, each.entries, now))
        for each in logs_of(tx)
    )


def unknown(known: Sequence[Entry], given: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of ``given`` that are not in ``known``, in their order."""
    return merge(known, given)[len(known) :]


def require_as_new(history: History, source: Source) -> None:
    """Refuse what says nothing of today: a log that ends before the newest entry known here.

    Raises:
        NothingNewError: it does.
    """
    if history.head.version_id not in {entry.version_id for entry in source.entries}:
        newest = max(source.entries, key=lambda entry: entry.number)
        raise NothingNewError(newest.version_id, history.head.version_id)


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
        known=recovering.lineage(standing.history, standing.own.own_head),
        elsewhere=standing.elsewhere,
        ahead=len(standing.ahead),
        names_node=_names_node(tx, standing.history),
    )


def _names_node(tx: Connection, history: History) -> bool:
    public = encode_multikey(vault.load(tx).node_key.public)
    return history.deactivated or public in document_keys(history.head.state)


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
