"""Personal access tokens: what a script is given instead of a person's passkey."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import access_tokens, store
from mnemosyne.accounts.access_tokens import Token
from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.accounts.credentials import CHANNEL, Admitted, CredentialKind, NotSignedInError
from mnemosyne.accounts.token_errors import (
    TokenExpiryError,
    TokenNameError,
    TokenNotFoundError,
    TokenScopesError,
)
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import (
    Database,
    DatabaseBusyError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.text import visible

PREFIX: Final = "mnem_"
GRANTABLE: Final = frozenset(
    {
        Scope.MEMORY_READ,
        Scope.MEMORY_WRITE,
        Scope.REFLECTION_RUN,
        Scope.SIGNAL_READ,
        Scope.COLLECTIVE_USE,
    }
)
"""What a script can be let do. Erasing, sharing, publishing and the account need a person."""
USUAL: Final = timedelta(days=90)
LONGEST: Final = timedelta(days=365)
LONGEST_NAME: Final = 100
_NOTED_EVERY: Final = timedelta(minutes=5)


class Tokens:
    """The tokens of the people of this node."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        principal: Principal,
        name: str,
        scopes: Iterable[Scope],
        lifetime: timedelta = USUAL,
    ) -> tuple[Token, str]:
        """Make a token and return it with its secret, which is shown now and never again.

        It expires after ``lifetime``, which is at most a year.

        Raises:
            TokenNameError, TokenScopesError, TokenExpiryError: it cannot be so.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()  # it outlives whatever was unlocked or signed in
        at = self._clock()
        ends = at + _checked_lifetime(lifetime)
        granted = _checked_scopes(scopes, principal)
        token = Token(new_id(at), principal.person, _checked_name(name), granted, at, ends, None)
        secret = new_secret(PREFIX)

        def write(tx: Connection) -> None:
            if store.get(tx, principal.person) is None:
                raise NotSignedInError  # erased while this was under way
            access_tokens.add(tx, token, _kept(secret))
            facts: dict[str, object] = {
                "token": token.id,
                "scopes": sorted(token.scopes),
                "expires_at": ends.isoformat(),
            }
            _record(tx, principal, "token-created", facts, at)

        await self._database.write(write)
        return token, secret

    async def all(self, principal: Principal) -> Sequence[Token]:
        """Return the tokens of the person, the newest first; expired ones until they are used."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(lambda tx: access_tokens.of_owner(tx, principal.person))

    async def revoke(self, principal: Principal, token_id: Identifier) -> None:
        """Let a token of the person be good for nothing from now on.

        Raises:
            TokenNotFoundError: the person has none of that identifier.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> None:
            if not access_tokens.remove(tx, principal.person, token_id):
                raise TokenNotFoundError(token_id)
            _record(tx, principal, "token-revoked", {"token": token_id}, at)

        await self._database.write(write)

    async def admit(self, secret: str) -> Admitted:
        """Return as whom a request with this token is admitted, and what it may do.

        Raises:
            NotSignedInError: it is none, was revoked or has expired; the person is gone.
        """
        digest = digest_of(secret, PREFIX)
        if digest is None:
            raise NotSignedInError
        at = self._clock()
        token = await self._database.read(lambda tx: access_tokens.by_digest(tx, digest))
        if token is None:
            raise NotSignedInError
        if token.expires_at <= at:
            await self._forget(token)
            raise NotSignedInError
        if token.last_used_at is None or at - token.last_used_at >= _NOTED_EVERY:
            # Whoever may come in comes in: a full disk or a busy vault only costs the note.
            with suppress(StorageFullError, DatabaseBusyError, WriterStoppedError):
                await self._database.write(
                    lambda tx: access_tokens.used(tx, token, at), durable=False
                )
        # A narrower list of what can be granted holds for tokens that were made before as well.
        granted = token.scopes & GRANTABLE
        principal = Principal(token.owner, granted, token.id, CHANNEL, held=True)
        return Admitted(principal, CredentialKind.TOKEN, token.id, token.expires_at)

    async def _forget(self, expired: Token) -> None:
        """Remove what has expired once it is used: no clock that is set back revives it."""
        with suppress(StorageFullError, DatabaseBusyError, WriterStoppedError):
            await self._database.write(
                lambda tx: access_tokens.remove(tx, expired.owner, expired.id), durable=False
            )


def _kept(secret: str) -> bytes:
    digest = digest_of(secret, PREFIX)
    assert digest is not None  # noqa: S101 - it was made here, with that prefix
    return digest


def _checked_name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or visible(name) != name:
        raise TokenNameError(LONGEST_NAME)
    return name


def _checked_scopes(scopes: Iterable[Scope], principal: Principal) -> frozenset[Scope]:
    wanted = frozenset(scopes)
    if not wanted or wanted - GRANTABLE:
        raise TokenScopesError(GRANTABLE)
    for scope in sorted(wanted):
        principal.require(scope)  # nobody hands out what they may not do
    return wanted


def _checked_lifetime(lifetime: timedelta) -> timedelta:
    if not timedelta() < lifetime <= LONGEST:
        raise TokenExpiryError(LONGEST.days, USUAL.days)
    return lifetime


def _record(
    tx: Connection, principal: Principal, kind: str, facts: dict[str, object], at: datetime
) -> None:
    act = Act(principal.person, kind, principal.credential, principal.channel, payload=facts)
    audit.append(tx, act, at)
