"""The SQL of sessions: a random secret's hash, whose it is, and until when it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

session = Table(
    "session",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    # The passkey or the recovery code that began it.
    Column("credential", String(32), nullable=False),
    Column("device", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
)

# Made once: it is asked with every request.
_BY_DIGEST = select(session).where(session.c.digest == bindparam("digest"))


_NEWEST = (session.c.created_at.desc(), session.c.id.desc())


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is signed in."""

    id: Identifier
    owner: Identifier
    kind: CredentialKind
    credential: Identifier
    device: str
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime


def add(tx: Connection, made: Session, digest: bytes) -> None:
    """Store a session that has begun."""
    tx.execute(
        insert(session).values(
            id=made.id,
            owner=made.owner,
            digest=digest,
            kind=made.kind.value,
            credential=made.credential,
            device=made.device,
            created_at=made.created_at,
            expires_at=made.expires_at,
            last_seen_at=made.last_seen_at,
        )
    )


def find(tx: Connection, digest: bytes) -> Session | None:
    """Return the session whose secret has this hash, whosever it is and ended or not."""
    row = tx.execute(_BY_DIGEST, {"digest": digest}).one_or_none()
    return None if row is None else _session(row)


def of(tx: Connection, owner: Identifier) -> Sequence[Session]:
    """Return the sessions of ``owner``, the newest first, ended ones as well."""
    query = select(session).where(session.c.owner == owner).order_by(*_NEWEST)
    return [_session(row) for row in tx.execute(query)]


def seen(tx: Connection, owner: Identifier, session_id: Identifier, at: datetime) -> None:
    """Note that a session was used."""
    tx.execute(
        update(session)
        .where(session.c.owner == owner, session.c.id == session_id)
        .values(last_seen_at=at)
    )


def remove(tx: Connection, owner: Identifier, session_id: Identifier) -> bool:
    """End a session of ``owner``; return whether it was there."""
    found = tx.execute(delete(session).where(session.c.owner == owner, session.c.id == session_id))
    return found.rowcount > 0


def remove_others(tx: Connection, owner: Identifier, kept: Identifier) -> int:
    """End every session of ``owner`` but one; return how many there were."""
    found = tx.execute(delete(session).where(session.c.owner == owner, session.c.id != kept))
    return found.rowcount


def remove_of(tx: Connection, owner: Identifier, credential: Identifier) -> int:
    """End every session that a credential of ``owner`` began."""
    found = tx.execute(
        delete(session).where(session.c.owner == owner, session.c.credential == credential)
    )
    return found.rowcount


def remove_recovering(tx: Connection, owner: Identifier) -> int:
    """End every session of ``owner`` that a recovery code began, and no passkey followed."""
    recovering = session.c.kind == CredentialKind.RECOVERY.value
    return tx.execute(delete(session).where(session.c.owner == owner, recovering)).rowcount


def forget_ended(tx: Connection, owner: Identifier, at: datetime, idle_since: datetime) -> None:
    """Remove what nobody can use any more."""
    ended = (session.c.expires_at <= at) | (session.c.last_seen_at <= idle_since)
    tx.execute(delete(session).where(session.c.owner == owner, ended))


def _session(row: Row[Any]) -> Session:
    return Session(
        row.id,
        row.owner,
        CredentialKind(row.kind),
        row.credential,
        row.device,
        row.created_at,
        row.expires_at,
        row.last_seen_at,
    )
