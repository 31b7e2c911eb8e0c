"""Sessions: 256 random bits in a cookie, their hash in the database, and a list to revoke from."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store, store_sessions
from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.accounts.credentials import (
    CHANNEL,
    Admitted,
    CredentialKind,
    NewSession,
    NotSignedInError,
    scopes_of,
)
from mnemosyne.accounts.store_sessions import Session
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import (
    Database,
    DatabaseBusyError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.text import excerpt, visible

PREFIX: Final = "mnemsession_"
IDLE: Final = timedelta(days=7)
LIFETIMES: Final = {
    CredentialKind.SESSION: timedelta(days=30),
    CredentialKind.RECOVERY: timedelta(minutes=30),
}
_SEEN_EVERY: Final = timedelta(minutes=5)
_LONGEST_DEVICE: Final = 128


class SessionNotFoundError(MnemosyneError):
    """The person has no session of that identifier."""

    code = "session-not-found"

    def __init__(self, session_id: Identifier) -> None:
        super().__init__(
            "you have no such session",
            why="It has ended, or it was never yours.",
            hint="List your sessions, and take an identifier from there.",
        )
        self.session_id = session_id


class Sessions:
    """The browsers in which people of this node are signed in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def admit(self, secret: str) -> Admitted:
        """Return as whom a request with the cookie ``secret`` is admitted.

        Raises:
            NotSignedInError: it is none, has ended or was revoked; the person is gone.
        """
        digest = digest_of(secret, PREFIX)
        if digest is None:
            raise NotSignedInError
        at = self._clock()

        def read(tx: Connection) -> tuple[Session, Admitted]:
            found = store_sessions.find(tx, digest)
            if found is None:
                raise NotSignedInError
            return found, admitted(tx, found)

        found, as_whom = await self._database.read(read)
        if not in_force(found, at):
            await self._forget(found)
            raise NotSignedInError
        if at - found.last_seen_at >= _SEEN_EVERY:
            await self._note(found, at)
        return as_whom

    async def all(self, principal: Principal) -> Sequence[Session]:
        """Return the sessions of the person that are in force, the newest first."""
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()
        found = await self._database.read(lambda tx: store_sessions.of(tx, principal.person))
        return [each for each in found if in_force(each, at)]

    async def revoke(self, principal: Principal, session_id: Identifier) -> None:
        """End a session of the person.

        Raises:
            SessionNotFoundError: they have none of that identifier.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        await self._end(principal, session_id)

    async def sign_out(self, current: Admitted) -> None:
        """End the session that asks; one that recovers may do so as well."""
        await self._end(current.principal, current.id)

    async def revoke_others(self, principal: Principal, current: Identifier) -> int:
        """End every session of the person but the one that asks; return how many there were."""
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> int:
            ended = store_sessions.remove_others(tx, principal.person, current)
            if ended:
                record(tx, principal, "sessions-revoked", at, {"sessions": ended})
            return ended

        return await self._database.write(write)

    async def _note(self, found: Session, at: datetime) -> None:
        """Note that a session is used; where that cannot be written, the request goes on."""
        try:
            await self._database.write(
                lambda tx: store_sessions.seen(tx, found.owner, found.id, at)
            )
        except (DatabaseBusyError, StorageFullError):
            return

    async def _forget(self, ended: Session) -> None:
        """Remove what has ended once it is seen: no clock that is set back revives it."""
        with suppress(DatabaseBusyError, StorageFullError, WriterStoppedError):
            await self._database.write(
                lambda tx: store_sessions.remove(tx, ended.owner, ended.id), durable=False
            )

    async def _end(self, principal: Principal, session_id: Identifier) -> None:
        at = self._clock()

        def write(tx: Connection) -> None:
            if not store_sessions.remove(tx, principal.person, session_id):
                raise SessionNotFoundError(session_id)
            record(tx, principal, "session-ended", at, {"session": session_id})

        await self._database.write(write)


def begin(
    tx: Connection,
    owner: Identifier,
    credential: Identifier,
    at: datetime,
    *,
    device: str = "",
    kind: CredentialKind = CredentialKind.SESSION,
    instead_of: str = "",
) -> NewSession:
    """Begin a session in the caller's transaction, which records how it came about.

    ``credential`` is the passkey or the recovery code; ``device`` what a browser says it is;
    ``instead_of`` the secret that it had until now, whose session ends.
    """
    store_sessions.forget_ended(tx, owner, at, at - IDLE)
    _end_earlier(tx, instead_of, at)
    secret = new_secret(PREFIX)
    digest = digest_of(secret, PREFIX)
    assert digest is not None  # noqa: S101 - it was made a line above
    shown = excerpt(visible(device), _LONGEST_DEVICE)
    ends = at + LIFETIMES[kind]
    made = Session(new_id(at), owner, kind, credential, shown, at, ends, at)
    store_sessions.add(tx, made, digest)
    return NewSession(secret, admitted(tx, made))


def _end_earlier(tx: Connection, secret: str, at: datetime) -> None:
    """End the session of a secret that its browser is about to forget, whosever it is."""
    digest = digest_of(secret, PREFIX)
    found = None if digest is None else store_sessions.find(tx, digest)
    if found is None:
        return
    store_sessions.remove(tx, found.owner, found.id)
    facts: dict[str, object] = {"session": found.id}
    act = Act(found.owner, "session-ended", found.credential, CHANNEL, payload=facts)
    audit.append(tx, act, at)


def in_force(found: Session, at: datetime) -> bool:
    """Whether a session has neither ended nor been left alone for too long."""
    return at < found.expires_at and at - found.last_seen_at < IDLE


def admitted(tx: Connection, found: Session) -> Admitted:
    """Return as whom a session is admitted.

    Nothing dangerous follows from a cookie alone: ``held`` says that no secret was given now.
    """
    first = store.first(tx)
    scopes = scopes_of(found.kind, first=first is not None and first.id == found.owner)
    principal = Principal(found.owner, scopes, found.credential, CHANNEL, held=True)
    return Admitted(principal, found.kind, found.id, found.expires_at)


def record(
    tx: Connection, principal: Principal, kind: str, at: datetime, payload: dict[str, object]
) -> None:
    """Append an act of ``principal`` in the caller's transaction."""
    act = Act(principal.person, kind, principal.credential, principal.channel, payload=payload)
    audit.append(tx, act, at)
