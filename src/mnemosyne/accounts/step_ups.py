"""Step-up: a passkey confirms one act, and the confirmation is good for that act alone, once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mnemosyne.accounts import ceremonies, store_passkeys, webauthn
from mnemosyne.accounts.challenges import LIFETIME, ChallengeRefusedError, Challenges, Purpose
from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    RelyingParty,
    SessionNeededError,
)
from mnemosyne.accounts.passkey_errors import StepUpRefusedError
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.webauthn_answers import (
    AnswerRefusedError,
    AuthenticationAnswer,
    read_authentication,
    without_extensions,
)
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier


@dataclass(frozen=True, slots=True)
class _Confirmed:
    session: Identifier
    action: bytes
    until: datetime


class StepUps:
    """Confirmations of dangerous acts, kept by this process for at most five minutes."""

    def __init__(self, database: Database, challenges: Challenges, clock: Clock) -> None:
        self._database = database
        self._challenges = challenges
        self._clock = clock
        self._confirmed: dict[bytes, _Confirmed] = {}

    async def options(self, current: Admitted, action: bytes, rp: RelyingParty) -> dict[str, Any]:
        """Return request options whose challenge is bound to the session and to ``action``.

        ``action`` is the SHA-256 of the canonical form of what is to be done.

        Raises:
            SessionNeededError: a script asks, or somebody who recovers.
        """
        _require_session(current)
        owner = current.principal.person
        challenge = self._challenges.issue(Purpose.STEP_UP, owner, current.id, action.hex())
        known = await self._database.read(lambda tx: store_passkeys.of(tx, owner))
        return webauthn.request_options(rp, challenge, [e for e in known if e.rp_id == rp.id])

    async def confirm(
        self, current: Admitted, action: bytes, answer: Mapping[str, Any], rp: RelyingParty
    ) -> str:
        """Return the secret that lets ``action`` through once, within five minutes.

        Raises:
            StepUpRefusedError: it is not confirmed by a passkey of the person.
            SessionNeededError: a script asks, or somebody who recovers.
        """
        _require_session(current)
        at, owner = self._clock(), current.principal.person
        try:
            read = read_authentication(without_extensions(answer))
            binding = (owner, current.id, action.hex())
            self._challenges.take(read.client.challenge, Purpose.STEP_UP, *binding)
            known = await self._database.read(lambda tx: _own(tx, owner, read, rp))
            # An unknown passkey costs as much time as a known one with a wrong signature.
            key = None if known is None else known.public_key
            said = webauthn.verify_authentication(read, rp, key)
        except (AnswerRefusedError, ChallengeRefusedError) as error:
            raise StepUpRefusedError from error
        if known is None:
            raise StepUpRefusedError
        self._challenges.answered(read.client.challenge)
        if await self._database.write(lambda tx: ceremonies.use(tx, known.id, owner, said, at)):
            return self._keep(_Confirmed(current.id, action, at + LIFETIME))
        raise StepUpRefusedError

    async def spend(self, current: Admitted, secret: str, action: bytes) -> None:
        """Use a confirmation up; it is gone whether it fits or not.

        Raises:
            StepUpRefusedError: it is spent, too old, or was for another session or act.
        """
        found = self._confirmed.pop(_digest(secret), None)
        if found is None or found.session != current.id or found.action != action:
            raise StepUpRefusedError
        if found.until <= self._clock():
            raise StepUpRefusedError

    def _keep(self, confirmed: _Confirmed) -> str:
        now = self._clock()
        for digest in [d for d, past in self._confirmed.items() if past.until <= now]:
            del self._confirmed[digest]
        secret = secrets.token_urlsafe(32)
        self._confirmed[_digest(secret)] = confirmed
        return secret


def _own(
    tx: Connection, owner: Identifier, read: AuthenticationAnswer, rp: RelyingParty
) -> Passkey | None:
    """Return the person's own passkey that answered; it may leave its user handle out."""
    found = store_passkeys.by_credential(tx, read.credential_id)
    handle = store_passkeys.handle_of(tx, owner)
    if found is None or found.owner != owner or found.rp_id != rp.id:
        return None
    return found if read.user_handle in {None, handle} else None


def _require_session(current: Admitted) -> None:
    if current.kind is not CredentialKind.SESSION:
        raise SessionNeededError


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass"))
