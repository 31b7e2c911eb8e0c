"""Sign in with a passkey that says who it is of; no name is asked, and none is given away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mnemosyne.accounts import alarms, ceremonies, sessions, store_passkeys, webauthn
from mnemosyne.accounts.alarms import Alarm
from mnemosyne.accounts.challenges import ChallengeRefusedError, Challenges, Purpose
from mnemosyne.accounts.credentials import CHANNEL, NewSession, RelyingParty
from mnemosyne.accounts.passkey_errors import PasskeyRefusedError
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.webauthn_answers import (
    AnswerRefusedError,
    AuthenticationAnswer,
    read_authentication,
    without_extensions,
)
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun, and what its person has to see first."""

    session: NewSession
    alarms: Sequence[Alarm]


class SigningIn:
    """Let people in who show a passkey."""

    def __init__(self, database: Database, challenges: Challenges, clock: Clock) -> None:
        self._database = database
        self._challenges = challenges
        self._clock = clock

    def options(self, browser: str, rp: RelyingParty) -> dict[str, Any]:
        """Return request options for any passkey, also for the browser's own list of them.

        ``browser`` is a random text in a cookie: only the browser that asked can answer.
        """
        return webauthn.request_options(rp, self._challenges.issue(Purpose.SIGN_IN, browser))

    async def sign_in(
        self,
        browser: str,
        answer: Mapping[str, Any],
        rp: RelyingParty,
        device: str = "",
        *,
        instead_of: str = "",
    ) -> SignedIn:
        """Begin a session for whoever answered the options of this browser.

        ``instead_of`` is the secret of the session that the browser had until now, which ends.

        Raises:
            PasskeyRefusedError: nobody is let in. What an unknown passkey and a wrong signature
                are answered with, and how long that takes, does not tell them apart.
        """
        at = self._clock()
        try:
            read = read_authentication(without_extensions(answer))
            self._challenges.take(read.client.challenge, Purpose.SIGN_IN, browser)
            known, handle = await self._database.read(lambda tx: _known(tx, read, rp))
            key = None if known is None else known.public_key
            said = webauthn.verify_authentication(read, rp, key)
        except (AnswerRefusedError, ChallengeRefusedError) as error:
            raise PasskeyRefusedError from error
        if known is None or read.user_handle != handle:
            raise PasskeyRefusedError
        self._challenges.answered(read.client.challenge)

        def write(tx: Connection) -> SignedIn | None:
            used = ceremonies.use(tx, known.id, known.owner, said, at)
            if used is None:
                return None
            return _begin(tx, used, self._clock(), device=device, instead_of=instead_of)

        signed_in = await self._database.write(write)
        if signed_in is None:
            raise PasskeyRefusedError
        return signed_in


def _known(
    tx: Connection, read: AuthenticationAnswer, rp: RelyingParty
) -> tuple[Passkey | None, bytes | None]:
    found = store_passkeys.by_credential(tx, read.credential_id)
    # The same two statements, whether the passkey is known or not.
    handle = store_passkeys.handle_of(tx, "" if found is None else found.owner)
    return (found, handle) if found is not None and found.rp_id == rp.id else (None, None)


def _begin(
    tx: Connection, used: Passkey, at: datetime, *, device: str, instead_of: str
) -> SignedIn:
    begun = sessions.begin(tx, used.owner, used.id, at, device=device, instead_of=instead_of)
    facts = {"session": begun.admitted.id}
    audit.append(tx, Act(used.owner, "signed-in", used.id, CHANNEL, payload=facts), at)
    return SignedIn(begun, alarms.of(tx, used.owner))
