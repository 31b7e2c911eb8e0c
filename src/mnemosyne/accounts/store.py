"""The SQL of the accounts feature."""

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from mnemosyne.accounts.model import Person
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("recovery_key_hash", String(64), nullable=False),
    # Pseudonyms in the audit are HMAC(salt, id); erasing a person deletes the salt.
    Column("salt", LargeBinary(32), nullable=False),
)


_SALT = select(person.c.salt).where(person.c.id == bindparam("owner"))


def add(tx: Connection, who: Person, salt: bytes) -> None:
    """Store a new person with the salt of their pseudonyms."""
    tx.execute(
        insert(person).values(
            id=who.id,
            name=who.name,
            created_at=who.created_at,
            recovery_key_hash=who.recovery_key_hash,
            salt=salt,
        )
    )


def first(tx: Connection) -> Person | None:
    """Return the person who made this vault, or None before ``init``."""
    query = select(person).order_by(person.c.created_at, person.c.id).limit(1)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return Person(row.id, row.name, row.created_at, row.recovery_key_hash)


def get(tx: Connection, owner: Identifier) -> Person | None:
    """Return a person of this node, or None where there is no such."""
    row = tx.execute(select(person).where(person.c.id == owner)).one_or_none()
    if row is None:
        return None
    return Person(row.id, row.name, row.created_at, row.recovery_key_hash)


def people(tx: Connection) -> list[Person]:
    """Return the people of this node, the first person first."""
    rows = tx.execute(select(person).order_by(person.c.created_at, person.c.id))
    return [Person(row.id, row.name, row.created_at, row.recovery_key_hash) for row in rows]


def rename(tx: Connection, owner: Identifier, name: str) -> None:
    """Call a person something else."""
    tx.execute(update(person).where(person.c.id == owner).values(name=name))


def salt(tx: Connection, owner: Identifier) -> bytes:
    """Return the salt from which pseudonyms of ``owner`` are made."""
    return bytes(tx.execute(_SALT, {"owner": owner}).scalar_one())


def recovery_key_hash(tx: Connection, owner: Identifier) -> str:
    """Return all that this node keeps of the recovery phrase of ``owner``."""
    query = select(person.c.recovery_key_hash).where(person.c.id == owner)
    return str(tx.execute(query).scalar_one())


def set_recovery_key_hash(tx: Connection, owner: Identifier, fresh: str) -> None:
    """Keep the hash of another recovery phrase."""
    tx.execute(update(person).where(person.c.id == owner).values(recovery_key_hash=fresh))


def everybody(tx: Connection) -> list[Identifier]:
    """Return who has an account on this node, the first person first."""
    query = select(person.c.id).order_by(person.c.created_at, person.c.id)
    return list(tx.execute(query).scalars())


def take_over_salt(tx: Connection, owner: Identifier, salt: bytes) -> None:
    """Give ``owner`` the salt they had on another node, by which keyed hashes of theirs compare."""
    tx.execute(update(person).where(person.c.id == owner).values(salt=salt))
