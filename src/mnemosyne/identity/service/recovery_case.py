"""What a recovery has to do with: the log as known here and from outside, and which phrase fits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mnemosyne.contacts import store as contacts
from mnemosyne.identity import recovering, store
from mnemosyne.identity.log import History
from mnemosyne.identity.model import RecoveryPlan
from mnemosyne.identity.public_copy import Beside, PublicCopy
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    DidBesideError,
    DidEndedError,
    ForeignLogError,
    NewerKnownError,
    NoDidError,
    PhraseUnfitError,
    RecoveryUnconfirmedError,
)
from mnemosyne.identity.service import standing as standings
from mnemosyne.identity.service.standing import unknown
from mnemosyne.identity.sources import Source
from mnemosyne.identity.store import OwnDid
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.phrase import Phrase


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """What a person asks of a recovery.

    ``version`` is the last good entry; empty means the newest one that this vault wrote or
    confirmed. ``source`` is a log or card from outside. ``without_log`` states, after a restore
    or an import, that the DID was not recovered since.
    """

    version: str = ""
    source: Source | None = None
    without_log: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A log to be recovered, as known here and from outside, and where it goes back to."""

    own: OwnDid | None
    did: str
    history: History
    plan: RecoveryPlan


def look(
    tx: Connection, owner: Identifier, request: RecoveryRequest, copy: PublicCopy, now: datetime
) -> Case:
    """Return the log to be recovered, and where the recovery would go back to.

    Raises:
        NoDidError: there is no DID here, and no log was given.
        RecoveryUnconfirmedError, NewerKnownError, NothingNewError, CopyDamagedError: the vault may
            be of an earlier day, and has to be compared with the newest log first.
        UnknownVersionError: recovery cannot go back to the version.
        ForeignLogError: the log is another one's.
        DidBesideError: the DID is new here, and beside the vault lies the log of another one.
    """
    beside = copy.look()  # before the snapshot begins
    source = request.source
    own = store.own(tx, owner)
    did = own.did if own is not None else _did_of(tx, owner, source)
    if source is not None and source.did != did:
        raise ForeignLogError(did, source.did)
    known = store.entries(tx, owner, did)
    given = source.entries if source is not None else ()
    fresh = unknown(known, given)
    ahead = standings.ahead_in(beside, did, (*known, *fresh), now)
    if ahead and beside.damaged:
        raise CopyDamagedError(copy.path)
    if ahead:
        raise NewerKnownError(copy.path, len(ahead), "did recover --log")
    if own is None or own.confirmed_incarnation != vault.load(tx).incarnation:
        if own is None and beside.did not in {did, None}:
            raise DidBesideError(str(beside.did), copy.path)
        _require_compared(request, copy, beside)
        if source is not None and known and not fresh:
            standings.require_as_new(standings.evaluated(did, known, now), source)
    history = standings.extended(did, known, fresh, now)
    plan = recovering.plan(history, request.version, own.own_head if own else None)
    return Case(own, did, history, plan)


def _require_compared(request: RecoveryRequest, copy: PublicCopy, beside: Beside) -> None:
    """Refuse to recover from what may be old: two recoveries of one entry are rivals."""
    if request.source is None and beside.damaged:
        raise CopyDamagedError(copy.path)
    if request.source is None and not request.without_log:
        raise RecoveryUnconfirmedError


def _did_of(tx: Connection, owner: Identifier, source: Source | None) -> str:
    """Return the DID to recover: that of a log from outside, or one that an archive brought.

    Raises:
        NoDidError: there is neither.
    """
    if source is not None:
        return source.did
    of_others = {each.did for each in contacts.everyone(tx, owner)}
    brought = [each for each in store.known(tx, owner) if each not in of_others]
    if len(brought) != 1:
        raise NoDidError
    return brought[0]


def fits(history: History, phrase: Phrase) -> bool:
    """Return whether a phrase may recover from the newest entry."""
    key = phrase.recovery_key_hash(history.epoch)
    return key in recovering.committed(history, history.head)


def require_fit(case: Case, phrase: Phrase) -> None:
    """Refuse a phrase that may not sign.

    Raises:
        DidEndedError: none may.
        PhraseUnfitError: another one may.
    """
    keys = recovering.committed(case.history, case.plan.previous)
    if not keys:
        raise DidEndedError(case.did)
    if phrase.recovery_key_hash(case.plan.epoch - 1) not in keys:
        raise PhraseUnfitError(case.did)
