"""Enrolling: a one-time secret and a first passkey make an account that can be signed in to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mnemosyne.accounts import (
    alarms,
    ceremonies,
    enrolments,
    names,
    recovery_codes,
    sessions,
    store,
    store_passkeys,
    webauthn,
)
from mnemosyne.accounts.alarms import AlarmKind
from mnemosyne.accounts.challenges import Challenges, Purpose
from mnemosyne.accounts.credentials import CHANNEL, NewSession, RelyingParty
from mnemosyne.accounts.enrolments import Enrolment, EnrolmentInvalidError, EnrolmentKind
from mnemosyne.accounts.recovery_codes import COUNT, RecoveryCodes
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An account that can be signed in to: its session, and its recovery codes, shown once."""

    session: NewSession
    name: str
    codes: tuple[str, ...] = field(repr=False)


class Enrolling:
    """Let somebody register the first passkey that a one-time secret allows."""

    def __init__(
        self, database: Database, challenges: Challenges, codes: RecoveryCodes, clock: Clock
    ) -> None:
        self._database = database
        self._challenges = challenges
        self._codes = codes
        self._clock = clock

    async def options(self, secret: str, name: str, rp: RelyingParty) -> dict[str, Any]:
        """Return creation options for whom ``secret`` lets in; looking uses nothing up.

        ``name`` is what somebody invited wants to be called, "" for what the inviter wrote.

        Raises:
            EnrolmentInvalidError: the secret lets nobody in.
            PersonNameError, PersonNameTakenError: the invited cannot be called so.
        """
        at = self._clock()

        def read(tx: Connection) -> dict[str, Any]:
            found = enrolments.find(tx, secret, at)
            challenge = self._challenges.issue(Purpose.ENROL, found.id)
            if found.kind is EnrolmentKind.INVITATION:
                called = names.free(tx, name or found.name)
                handle = self._challenges.user_handle(found.id)
                return webauthn.creation_options(rp, called, handle, challenge, ())
            person = store.get(tx, found.owner)
            if person is None:
                raise EnrolmentInvalidError
            handle = self._handle(tx, found)
            known = [e for e in store_passkeys.of(tx, person.id) if e.rp_id == rp.id]
            return webauthn.creation_options(rp, person.name, handle, challenge, known)

        return await self._database.read(read)

    async def enrol(
        self,
        secret: str,
        name: str,
        answer: Mapping[str, Any],
        rp: RelyingParty,
        device: str = "",
        *,
        instead_of: str = "",
    ) -> Enrolled:
        """Keep the passkey, make ten recovery codes and begin a session; the secret is used up.

        ``instead_of`` is the secret of the session that the browser had until now, which ends.

        Raises:
            EnrolmentInvalidError: the secret lets nobody in.
            PersonNameError, PersonNameTakenError: the invited cannot be called so.
            PasskeyUnusableError, PasskeyKnownError: the passkey is not kept, nor the secret used.
            BusyNowError: too many derivations wait already.
        """
        at = self._clock()
        found = await self._database.read(lambda tx: enrolments.find(tx, secret, at))
        # Before the answer, which is good once: whoever is told to come back can send it again.
        codes = await self._codes.prepare(at)
        new = ceremonies.prove(self._challenges, answer, rp, Purpose.ENROL, found.id)

        def write(tx: Connection) -> Enrolled:
            found = enrolments.find(tx, secret, at)
            person = enrolments.use(tx, found, name, at)
            handle, earlier = self._handle(tx, found), store_passkeys.of(tx, person.id)
            made = ceremonies.keep(tx, person.id, new, handle, "", at, credential=found.id)
            ended = recovery_codes.keep(tx, person.id, codes, at)
            facts = {"codes": COUNT, "sessions": ended}
            act = Act(person.id, "recovery-codes-made", made.id, CHANNEL, payload=facts)
            audit.append(tx, act, at)
            if earlier:
                _alarm(tx, made, at)
            begun = sessions.begin(tx, person.id, made.id, at, device=device, instead_of=instead_of)
            return Enrolled(begun, person.name, codes.shown)

        return await self._database.write(write)

    def _handle(self, tx: Connection, found: Enrolment) -> bytes:
        if found.kind is EnrolmentKind.INVITATION:
            return self._challenges.user_handle(found.id)
        kept = store_passkeys.handle_of(tx, found.owner)
        return kept or self._challenges.user_handle(found.owner)


def _alarm(tx: Connection, made: Passkey, at: datetime) -> None:
    """Tell somebody who has passkeys that whoever has the shell of the node let one more in."""
    facts = {"passkey": made.id}
    alarms.ring(tx, made.owner, AlarmKind.LINK_USED, made.id, at, channel=CHANNEL, facts=facts)
