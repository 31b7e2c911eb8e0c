"""The SQL of the contacts feature."""

import unicodedata
from collections import defaultdict
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.contacts.model import Contact
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

contact = Table(
    "contact",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("folded", String(128), nullable=False),
    Column("source", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Learned from a card and proven by its log; one DID is one contact.
    Column("did", String(65), nullable=True),
    UniqueConstraint("owner", "folded"),
    Index(None, "owner", "did", unique=True),
)

contact_alias = Table(
    "contact_alias",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("folded", String(128), primary_key=True),
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False),
    Column("alias", String(128), nullable=False),
    Index(None, "contact_id"),
)

_ALIASES = (
    select(contact_alias.c.contact_id, contact_alias.c.alias)
    .where(contact_alias.c.owner == bindparam("owner"))
    .order_by(contact_alias.c.folded)
)
_CONTACTS = select(contact).where(contact.c.owner == bindparam("owner")).order_by(contact.c.folded)


def folded_name(name: str) -> str:
    """Return what two spellings of one name share: case, composition and white space aside."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def insert_contact(tx: Connection, owner: Identifier, who: Contact, at: datetime) -> None:
    """Store a new contact without its aliases."""
    tx.execute(
        insert(contact).values(
            id=who.id,
            owner=owner,
            name=who.name,
            folded=folded_name(who.name),
            source=who.source,
            created_at=at,
            did=who.did,
        )
    )


def insert_alias(tx: Connection, owner: Identifier, contact_id: Identifier, alias: str) -> None:
    """Store one more name of a contact."""
    tx.execute(
        insert(contact_alias).values(
            owner=owner, folded=folded_name(alias), contact_id=contact_id, alias=alias
        )
    )


def delete_alias(tx: Connection, owner: Identifier, alias: str) -> int:
    """Remove a name; return 1 when it was there."""
    return tx.execute(
        delete(contact_alias).where(
            contact_alias.c.owner == owner, contact_alias.c.folded == folded_name(alias)
        )
    ).rowcount


def delete_contact(tx: Connection, owner: Identifier, contact_id: Identifier) -> None:
    """Remove a contact and every alias of it."""
    for table, column in ((contact_alias, contact_alias.c.contact_id), (contact, contact.c.id)):
        tx.execute(delete(table).where(table.c.owner == owner, column == contact_id))


def rename(tx: Connection, owner: Identifier, contact_id: Identifier, name: str) -> None:
    """Give a contact another main name."""
    tx.execute(
        update(contact)
        .where(contact.c.owner == owner, contact.c.id == contact_id)
        .values(name=name, folded=folded_name(name))
    )


def set_did(tx: Connection, owner: Identifier, contact_id: Identifier, did: str | None) -> None:
    """Say by which DID a contact is known, or by none."""
    tx.execute(
        update(contact).where(contact.c.owner == owner, contact.c.id == contact_id).values(did=did)
    )


def find_did(tx: Connection, owner: Identifier, did: str) -> Contact | None:
    """Return the contact known by ``did``."""
    return next((c for c in everyone(tx, owner) if c.did == did), None)


def move_aliases(tx: Connection, owner: Identifier, source: Identifier, to: Identifier) -> None:
    """Let every alias of one contact name another."""
    tx.execute(
        update(contact_alias)
        .where(contact_alias.c.owner == owner, contact_alias.c.contact_id == source)
        .values(contact_id=to)
    )


def find(tx: Connection, owner: Identifier, name: str) -> Contact | None:
    """Return the contact that goes by ``name``, whatever the case."""
    folded = folded_name(name)
    found = tx.execute(
        select(contact.c.id).where(contact.c.owner == owner, contact.c.folded == folded)
    ).scalar()
    if found is None:
        found = tx.execute(
            select(contact_alias.c.contact_id).where(
                contact_alias.c.owner == owner, contact_alias.c.folded == folded
            )
        ).scalar()
    if found is None:
        return None
    return next(c for c in everyone(tx, owner) if c.id == found)


def everyone(tx: Connection, owner: Identifier) -> list[Contact]:
    """Return every contact of ``owner``, by name."""
    aliases: dict[str, list[str]] = defaultdict(list)
    for row in tx.execute(_ALIASES, {"owner": owner}):
        aliases[row.contact_id].append(row.alias)
    rows = tx.execute(_CONTACTS, {"owner": owner})
    return [Contact(r.id, r.name, tuple(aliases[r.id]), r.source, r.did) for r in rows]
