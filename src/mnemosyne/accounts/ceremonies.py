"""What the ceremonies of passkeys share: keep a new one, and judge one that was used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mnemosyne.accounts import alarms, store_passkeys, webauthn
from mnemosyne.accounts.alarms import AlarmKind
from mnemosyne.accounts.challenges import ChallengeRefusedError, Challenges, Purpose
from mnemosyne.accounts.credentials import CHANNEL, RelyingParty
from mnemosyne.accounts.passkey_errors import PasskeyKnownError, PasskeyUnusableError
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.webauthn_answers import (
    AnswerRefusedError,
    Asserted,
    Attested,
    read_registration,
    without_extensions,
)
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.text import excerpt, visible

_LONGEST_NAME: Final = 64
_UNNAMED: Final = "Passkey"


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that was proven to be made now, for this node, by a verified person."""

    attested: Attested
    transports: tuple[str, ...]
    rp_id: str
    challenge: bytes


def prove(
    challenges: Challenges,
    answer: Mapping[str, Any],
    rp: RelyingParty,
    purpose: Purpose,
    *binding: str,
) -> NewCredential:
    """Check a new credential against the challenge of ``purpose`` and ``binding``, taking that.

    Raises:
        PasskeyUnusableError: it may not be kept.
    """
    try:
        read = read_registration(without_extensions(answer))
        challenges.take(read.client.challenge, purpose, *binding)
        attested = webauthn.verify_registration(read, rp)
    except AnswerRefusedError as error:
        raise PasskeyUnusableError(error.reason) from error
    except ChallengeRefusedError as error:
        raise PasskeyUnusableError("It took longer than five minutes, or is used") from error
    challenges.answered(read.client.challenge)
    return NewCredential(attested, read.transports, rp.id, read.client.challenge)


def keep(
    tx: Connection,
    owner: Identifier,
    new: NewCredential,
    handle: bytes,
    name: str,
    at: datetime,
    *,
    credential: Identifier,
) -> Passkey:
    """Store a proven credential for ``owner``; ``credential`` is what let them do so.

    Raises:
        PasskeyKnownError: somebody has it.
    """
    attested = new.attested
    if store_passkeys.by_credential(tx, attested.credential_id) is not None:
        raise PasskeyKnownError
    if store_passkeys.handle_of(tx, owner) is None:
        store_passkeys.keep_handle(tx, owner, handle)
    made = Passkey(
        id=new_id(at),
        owner=owner,
        rp_id=new.rp_id,
        credential_id=attested.credential_id,
        public_key=attested.public_key,
        sign_count=attested.sign_count,
        backup_eligible=attested.backup_eligible,
        backed_up=attested.backed_up,
        transports=new.transports,
        aaguid=attested.aaguid,
        name=readable(name),
        created_at=at,
        last_used_at=None,
    )
    store_passkeys.add(tx, made)
    facts = {"passkey": made.id, "host": made.rp_id, "backup_eligible": made.backup_eligible}
    audit.append(tx, Act(owner, "passkey-added", credential, CHANNEL, payload=facts), at)
    return made


def readable(name: str) -> str:
    """Return what a passkey is called in a list."""
    return excerpt(visible(name), _LONGEST_NAME) or _UNNAMED


def use(
    tx: Connection, passkey_id: Identifier, owner: Identifier, said: Asserted, at: datetime
) -> Passkey | None:
    """Judge a passkey whose signature was right, note that it was used, and return it.

    None says that it is refused: it is gone meanwhile; its counter, which had counted, did not
    rise, so that there may be a copy of it (WebAuthn L3 §6.1.1); or it can be copied now and
    could not before (§6.1.3). The person gets an alarm of the latter two, in this transaction.
    """
    found = store_passkeys.find(tx, owner, passkey_id)
    if found is None:
        return None
    strange: AlarmKind | None = None
    if said.backup_eligible is not found.backup_eligible:
        strange = AlarmKind.BACKUP_CHANGED
    elif found.sign_count > 0 and said.sign_count <= found.sign_count:
        strange = AlarmKind.COUNTER_REGRESSED
    if strange is not None:
        facts = {"passkey": found.id, "stored": found.sign_count, "counted": said.sign_count}
        alarms.ring(tx, owner, strange, found.id, at, channel=CHANNEL, facts=facts)
        return None
    store_passkeys.used(tx, found, said.sign_count, backed_up=said.backed_up, at=at)
    return found
