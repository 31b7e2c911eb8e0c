"""One-time secrets that let somebody register a passkey: an existing person, or one invited.

The functions work in the caller's transaction, so that a passkey and the use of its enrolment are
stored together or not at all. A used, revoked or expired enrolment is a row that is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_bytes
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
)

from mnemosyne.accounts import names, store
from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id

PREFIX: Final = "mnemenrol_"
_SALT: Final = 32
_MILLISECOND: Final = timedelta(milliseconds=1)  # identifiers are sorted by them


class EnrolmentKind(StrEnum):
    """Whom an enrolment lets in."""

    LINK = "link"
    """Its owner, who has no passkey or none any more."""
    INVITATION = "invitation"
    """Somebody new, whom its owner invited."""


LIFETIMES: Final = {
    EnrolmentKind.LINK: timedelta(hours=24),
    EnrolmentKind.INVITATION: timedelta(days=7),
}

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", String(32), primary_key=True),
    # Whom a link lets in, or who invites.
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    # What the invited is called, until they say otherwise; empty for a link.
    Column("name", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A way in that was handed out and not used yet; its secret is kept nowhere."""

    id: Identifier
    owner: Identifier
    kind: EnrolmentKind
    name: str
    created_at: datetime
    expires_at: datetime


class EnrolmentInvalidError(MnemosyneError):
    """The secret lets nobody in; garbage, used, revoked and expired answer alike."""

    code = "enrolment-invalid"

    def __init__(self) -> None:
        super().__init__(
            "this one-time link does not let anybody in",
            why="It was used, it was revoked, it has expired, or it was not copied whole.",
            hint="Ask for another one: `mnemosyne account link` on the machine of the node, or an "
            "invitation from whoever runs it.",
        )


def add(
    tx: Connection, kind: EnrolmentKind, owner: Identifier, name: str, at: datetime
) -> tuple[Enrolment, str]:
    """Store a fresh enrolment and return it with its secret, which is shown once."""
    secret = new_secret(PREFIX)
    made = Enrolment(new_id(at), owner, kind, name, at, at + LIFETIMES[kind])
    tx.execute(
        insert(enrolment).values(
            id=made.id,
            owner=owner,
            digest=digest_of(secret, PREFIX),
            kind=kind.value,
            name=name,
            created_at=at,
            expires_at=made.expires_at,
        )
    )
    return made, secret


def find(tx: Connection, secret: str, at: datetime) -> Enrolment:
    """Return the enrolment that ``secret`` opens; nothing is used by looking.

    Raises:
        EnrolmentInvalidError: it opens none.
    """
    digest = digest_of(secret, PREFIX)
    if digest is None:
        raise EnrolmentInvalidError
    row = tx.execute(
        select(enrolment).where(enrolment.c.digest == digest, enrolment.c.expires_at > at)
    ).one_or_none()
    if row is None:
        raise EnrolmentInvalidError
    return _enrolment(row)


def use(tx: Connection, found: Enrolment, name: str, at: datetime, channel: str = "http") -> Person:
    """Spend an enrolment and return whom it lets in; an invitation makes that person first.

    ``name`` is what the invited wants to be called, or "" for what the inviter wrote.

    Raises:
        EnrolmentInvalidError: it was spent meanwhile.
        PersonNameError, PersonNameTakenError: the invited cannot be called so.
    """
    if found.expires_at <= at or not remove(tx, found.owner, found.id):
        raise EnrolmentInvalidError
    if found.kind is EnrolmentKind.LINK:
        person = store.get(tx, found.owner)
        if person is None:
            raise EnrolmentInvalidError
        _record(tx, found.owner, "link-used", found, at, channel)
        return person
    called = names.free(tx, name or found.name)
    joined = _after_everybody(tx, at)
    person = Person(new_id(joined), called, joined, recovery_key_hash="")
    store.add(tx, person, token_bytes(_SALT))
    _record(tx, found.owner, "invitation-used", found, at, channel)
    audit.append(tx, Act(person.id, "joined", found.id, channel), at)
    return person


def _after_everybody(tx: Connection, at: datetime) -> datetime:
    """Return when somebody joins: never before others, whatever the clock of the machine says.

    Whose node it is goes by who was first, and must not be whoever joined under a wrong clock.
    """
    newest = max(each.created_at for each in store.people(tx))
    return max(at, newest + _MILLISECOND)


def pending(tx: Connection, owner: Identifier, at: datetime) -> Sequence[Enrolment]:
    """Return what ``owner`` has handed out or was handed and is still good, the newest first."""
    rows = tx.execute(
        select(enrolment)
        .where(enrolment.c.owner == owner, enrolment.c.expires_at > at)
        .order_by(enrolment.c.id.desc())
    )
    return [_enrolment(row) for row in rows]


def remove(tx: Connection, owner: Identifier, enrolment_id: Identifier) -> bool:
    """Take an enrolment of ``owner`` away; return whether it was there."""
    found = tx.execute(
        delete(enrolment).where(enrolment.c.owner == owner, enrolment.c.id == enrolment_id)
    )
    return found.rowcount > 0


def forget_expired(tx: Connection, owner: Identifier, at: datetime) -> None:
    """Remove what nobody can use any more."""
    tx.execute(delete(enrolment).where(enrolment.c.owner == owner, enrolment.c.expires_at <= at))


def _record(
    tx: Connection,
    owner: Identifier,
    kind: str,
    found: Enrolment,
    at: datetime,
    channel: str,
) -> None:
    # Not whom it let in: the inviter's record would keep their name when they are erased.
    payload: dict[str, object] = {"enrolment": found.id}
    audit.append(tx, Act(owner, kind, found.id, channel, payload=payload), at)


def _enrolment(row: Row[Any]) -> Enrolment:
    kind = EnrolmentKind(row.kind)
    return Enrolment(row.id, row.owner, kind, row.name, row.created_at, row.expires_at)
