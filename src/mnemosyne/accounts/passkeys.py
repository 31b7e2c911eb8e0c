"""The passkeys of a person: add another, list, rename, remove all but the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mnemosyne.accounts import ceremonies, sessions, store, store_passkeys, store_sessions, webauthn
from mnemosyne.accounts.challenges import Challenges, Purpose
from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    NewSession,
    NotSignedInError,
    RelyingParty,
    SessionNeededError,
)
from mnemosyne.accounts.passkey_errors import (
    LastPasskeyError,
    NotRecoveringError,
    PasskeyNotFoundError,
)
from mnemosyne.accounts.sessions import record
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope


@dataclass(frozen=True, slots=True)
class Added:
    """A new passkey, and the session into which one that was recovering has turned."""

    passkey: Passkey
    session: NewSession | None


class Passkeys:
    """The passkeys of the person who asks."""

    def __init__(self, database: Database, challenges: Challenges, clock: Clock) -> None:
        self._database = database
        self._challenges = challenges
        self._clock = clock

    async def options(self, current: Admitted, rp: RelyingParty) -> dict[str, Any]:
        """Return creation options for one more passkey; their challenge belongs to this session.

        Whoever is signed in confirms with a passkey before there is such a challenge, so a stolen
        cookie adds nothing.

        Raises:
            NeedsSecretError: it was not confirmed.
            SessionNeededError: a script asks.
        """
        self._require_signed_in(current)
        current.principal.require_secret()
        return await self._options(current, rp)

    async def recovery_options(self, current: Admitted, rp: RelyingParty) -> dict[str, Any]:
        """Return creation options for a browser in which a recovery code was redeemed.

        Raises:
            NotRecoveringError: none was.
        """
        _require_recovering(current)
        return await self._options(current, rp)

    async def add(
        self, current: Admitted, answer: Mapping[str, Any], rp: RelyingParty, name: str = ""
    ) -> Passkey:
        """Keep the passkey that answers the options of this session.

        Raises:
            PasskeyUnusableError, PasskeyKnownError: it is not kept.
            SessionNeededError: a script asks.
        """
        self._require_signed_in(current)
        return (await self._add(current, answer, rp, name)).passkey

    async def recover(
        self,
        current: Admitted,
        answer: Mapping[str, Any],
        rp: RelyingParty,
        *,
        name: str = "",
        device: str = "",
    ) -> NewSession:
        """Keep the passkey of somebody who recovers, whose session turns into a full one.

        Raises:
            PasskeyUnusableError, PasskeyKnownError: it is not kept.
            NotRecoveringError: no recovery code was redeemed here.
            NotSignedInError: the session was ended meanwhile.
        """
        _require_recovering(current)
        added = await self._add(current, answer, rp, name, device)
        assert added.session is not None  # noqa: S101 - made for every session that recovers
        return added.session

    async def all(self, principal: Principal) -> Sequence[Passkey]:
        """Return the passkeys of the person, the oldest first."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(lambda tx: store_passkeys.of(tx, principal.person))

    async def rename(self, principal: Principal, passkey_id: Identifier, name: str) -> Passkey:
        """Call a passkey otherwise.

        Raises:
            PasskeyNotFoundError: the person has none of that identifier.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        at, called = self._clock(), ceremonies.readable(name)

        def write(tx: Connection) -> Passkey:
            _required(tx, principal, passkey_id)
            store_passkeys.rename(tx, principal.person, passkey_id, called)
            record(tx, principal, "passkey-renamed", at, {"passkey": passkey_id})
            return _required(tx, principal, passkey_id)

        return await self._database.write(write)

    async def remove(self, principal: Principal, passkey_id: Identifier, rp: RelyingParty) -> None:
        """Forget a passkey and end the sessions that it began, and whatever recovers.

        Raises:
            NeedsSecretError: it was not confirmed.
            PasskeyNotFoundError: the person has none of that identifier.
            LastPasskeyError: none would be left with which they can sign in at this host.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        at, owner = self._clock(), principal.person

        def write(tx: Connection) -> None:
            gone = _required(tx, principal, passkey_id)
            left = [each for each in store_passkeys.of(tx, owner) if each.id != gone.id]
            if not any(each.rp_id == rp.id for each in left):
                raise LastPasskeyError
            store_passkeys.remove(tx, owner, gone.id)
            ended = store_sessions.remove_of(tx, owner, gone.id)
            ended += store_sessions.remove_recovering(tx, owner)
            record(tx, principal, "passkey-removed", at, {"passkey": gone.id, "sessions": ended})

        await self._database.write(write)

    async def _options(self, current: Admitted, rp: RelyingParty) -> dict[str, Any]:
        owner = current.principal.person
        challenge = self._challenges.issue(Purpose.REGISTER, owner, current.id)

        def read(tx: Connection) -> dict[str, Any]:
            person = store.get(tx, owner)
            if person is None:
                raise NotSignedInError
            handle = store_passkeys.handle_of(tx, owner) or self._challenges.user_handle(owner)
            known = [each for each in store_passkeys.of(tx, owner) if each.rp_id == rp.id]
            return webauthn.creation_options(rp, person.name, handle, challenge, known)

        return await self._database.read(read)

    async def _add(
        self,
        current: Admitted,
        answer: Mapping[str, Any],
        rp: RelyingParty,
        name: str,
        device: str = "",
    ) -> Added:
        owner, at = current.principal.person, self._clock()
        new = ceremonies.prove(self._challenges, answer, rp, Purpose.REGISTER, owner, current.id)
        handle = self._challenges.user_handle(owner)
        by = current.principal.credential

        def write(tx: Connection) -> Added:
            if store.get(tx, owner) is None:
                raise NotSignedInError  # erased while this was under way
            made = ceremonies.keep(tx, owner, new, handle, name, at, credential=by)
            if current.kind is not CredentialKind.RECOVERY:
                return Added(made, None)
            # Ended since the request was admitted: new codes were made, or it was revoked.
            if not store_sessions.remove(tx, owner, current.id):
                raise NotSignedInError
            return Added(made, sessions.begin(tx, owner, made.id, at, device=device))

        return await self._database.write(write)

    @staticmethod
    def _require_signed_in(current: Admitted) -> None:
        if current.kind is not CredentialKind.SESSION:
            raise SessionNeededError
        current.principal.require(Scope.ACCOUNT_MANAGE)


def _require_recovering(current: Admitted) -> None:
    if current.kind is not CredentialKind.RECOVERY:
        raise NotRecoveringError


def _required(tx: Connection, principal: Principal, passkey_id: Identifier) -> Passkey:
    found = store_passkeys.find(tx, principal.person, passkey_id)
    if found is None:
        raise PasskeyNotFoundError(passkey_id)
    return found
