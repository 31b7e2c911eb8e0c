"""The SQL of passkeys, and of the random handle by which authenticators know a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

webauthn_user = Table(
    "webauthn_user",
    metadata,
    Column("owner", String(32), ForeignKey("person.id"), primary_key=True),
    # Says nothing of the person, who may show it to anybody with their authenticator.
    Column("handle", LargeBinary(32), nullable=False, unique=True),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    # The host name it was made for; it works nowhere else.
    Column("rp_id", String(255), nullable=False),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary(2048), nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("backup_eligible", Boolean, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("transports", JSON, nullable=False),
    Column("aaguid", String(36), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=True),
)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key of a person, and what its authenticator said of it."""

    id: Identifier
    owner: Identifier
    rp_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]
    aaguid: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def add(tx: Connection, made: Passkey) -> None:
    """Store a new passkey."""
    tx.execute(
        insert(passkey).values(
            id=made.id,
            owner=made.owner,
            rp_id=made.rp_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            backup_eligible=made.backup_eligible,
            backed_up=made.backed_up,
            transports=list(made.transports),
            aaguid=made.aaguid,
            name=made.name,
            created_at=made.created_at,
            last_used_at=made.last_used_at,
        )
    )


def by_credential(tx: Connection, credential_id: bytes) -> Passkey | None:
    """Return the passkey an authenticator speaks of, whosever it is."""
    query = select(passkey).where(passkey.c.credential_id == credential_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else _passkey(row)


def find(tx: Connection, owner: Identifier, passkey_id: Identifier) -> Passkey | None:
    """Return one passkey of ``owner``."""
    query = select(passkey).where(passkey.c.owner == owner, passkey.c.id == passkey_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else _passkey(row)


def of(tx: Connection, owner: Identifier) -> Sequence[Passkey]:
    """Return the passkeys of ``owner``, the oldest first."""
    query = (
        select(passkey).where(passkey.c.owner == owner).order_by(passkey.c.created_at, passkey.c.id)
    )
    return [_passkey(row) for row in tx.execute(query)]


def hosts(tx: Connection) -> frozenset[str]:
    """Return the host names for which anybody's passkeys of this node were made."""
    return frozenset(tx.execute(select(passkey.c.rp_id).distinct()).scalars())


def used(
    tx: Connection, used_one: Passkey, sign_count: int, *, backed_up: bool, at: datetime
) -> None:
    """Note what an authenticator said when it was used."""
    tx.execute(
        update(passkey)
        .where(passkey.c.owner == used_one.owner, passkey.c.id == used_one.id)
        .values(sign_count=sign_count, backed_up=backed_up, last_used_at=at)
    )


def rename(tx: Connection, owner: Identifier, passkey_id: Identifier, name: str) -> None:
    """Call a passkey otherwise."""
    tx.execute(
        update(passkey)
        .where(passkey.c.owner == owner, passkey.c.id == passkey_id)
        .values(name=name)
    )


def remove(tx: Connection, owner: Identifier, passkey_id: Identifier) -> None:
    """Forget a passkey."""
    tx.execute(delete(passkey).where(passkey.c.owner == owner, passkey.c.id == passkey_id))


def handle_of(tx: Connection, owner: Identifier) -> bytes | None:
    """Return the user handle of ``owner``, None before their first passkey."""
    query = select(webauthn_user.c.handle).where(webauthn_user.c.owner == owner)
    found = tx.execute(query).scalar()
    return None if found is None else bytes(found)


def keep_handle(tx: Connection, owner: Identifier, handle: bytes) -> None:
    """Store the user handle of ``owner``."""
    tx.execute(insert(webauthn_user).values(owner=owner, handle=handle))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.id,
        row.owner,
        row.rp_id,
        bytes(row.credential_id),
        bytes(row.public_key),
        row.sign_count,
        row.backup_eligible,
        row.backed_up,
        tuple(row.transports),
        row.aaguid,
        row.name,
        row.created_at,
        row.last_used_at,
    )
