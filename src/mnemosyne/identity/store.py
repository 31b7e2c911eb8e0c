"""The SQL of the identity feature: whose DID is whose, and the logs in the order first seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.accounts import store as accounts
from mnemosyne.identity.entry import Entry, parse_entry
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

did = Table(
    "did",
    metadata,
    Column("owner", String(32), ForeignKey("person.id"), primary_key=True),
    Column("did", String(65), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    # The newest entry that this vault wrote or that its person confirmed; others may be a thief's.
    Column("own_head", String(64), nullable=False),
    # Where the vault comes from an older backup, nobody knows what was published since.
    Column("confirmed_incarnation", String(32), nullable=False),
)

did_entry = Table(
    "did_entry",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("did", String(65), primary_key=True),
    # First seen, first: of two rival entries the first one holds.
    Column("seen", Integer, primary_key=True, autoincrement=False),
    Column("version_id", String(64), nullable=False),
    Column("line", LargeBinary, nullable=False),
    UniqueConstraint("owner", "did", "version_id"),
)


@dataclass(frozen=True, slots=True)
class OwnDid:
    """The DID of a person of this node, and how far their vault has written or confirmed it."""

    owner: Identifier
    did: str
    created_at: datetime
    own_head: str
    confirmed_incarnation: str


def insert_own(tx: Connection, own: OwnDid) -> None:
    """Store that a person has a DID."""
    tx.execute(
        insert(did).values(
            owner=own.owner,
            did=own.did,
            created_at=own.created_at,
            own_head=own.own_head,
            confirmed_incarnation=own.confirmed_incarnation,
        )
    )


def own(tx: Connection, owner: Identifier) -> OwnDid | None:
    """Return the DID of ``owner``, or None before it was made."""
    row = tx.execute(select(did).where(did.c.owner == owner)).one_or_none()
    if row is None:
        return None
    return OwnDid(row.owner, row.did, row.created_at, row.own_head, row.confirmed_incarnation)


def host(tx: Connection, wanted: str) -> OwnDid | None:
    """Return the person of this node whose DID is ``wanted``."""
    for owner in accounts.everybody(tx):
        if (found := own(tx, owner)) is not None and found.did == wanted:
            return found
    return None


def set_own_head(tx: Connection, owner: Identifier, head: str, incarnation: str) -> None:
    """Record that this vault, as it is now, wrote or confirmed the entry ``head``."""
    tx.execute(
        update(did)
        .where(did.c.owner == owner)
        .values(own_head=head, confirmed_incarnation=incarnation)
    )


def carry_confirmation(tx: Connection, before: str, after: str) -> None:
    """Let what was confirmed in one incarnation be so in the next, which is the same vault."""
    for owner in accounts.everybody(tx):
        tx.execute(
            update(did)
            .where(did.c.owner == owner, did.c.confirmed_incarnation == before)
            .values(confirmed_incarnation=after)
        )


def entries(tx: Connection, owner: Identifier, of: str) -> tuple[Entry, ...]:
    """Return every entry known of the DID ``of``, in the order first seen."""
    rows = tx.execute(
        select(did_entry.c.line)
        .where(did_entry.c.owner == owner, did_entry.c.did == of)
        .order_by(did_entry.c.seen)
    )
    return tuple(_parsed(bytes(line)) for line in rows.scalars())


# Checking a signature takes a millisecond, and a log that is served is read again and again.
@lru_cache(maxsize=4_000)
def _parsed(line: bytes) -> Entry:
    return parse_entry(line)


def put(tx: Connection, owner: Identifier, of: str, log: Sequence[Entry]) -> None:
    """Store a whole log: what is not in it any more goes, and what is new comes last.

    Entries that were known keep their place, which says what was seen first.
    """
    mine = (did_entry.c.owner == owner, did_entry.c.did == of)
    known = dict(tx.execute(select(did_entry.c.version_id, did_entry.c.seen).where(*mine)).all())
    if gone := known.keys() - {entry.version_id for entry in log}:
        tx.execute(delete(did_entry).where(*mine, did_entry.c.version_id.in_(gone)))
    first = max(known.values(), default=-1) + 1
    fresh = [entry for entry in log if entry.version_id not in known]
    if fresh:
        tx.execute(
            insert(did_entry),
            [
                {
                    "owner": owner,
                    "did": of,
                    "seen": first + offset,
                    "version_id": entry.version_id,
                    "line": entry.line,
                }
                for offset, entry in enumerate(fresh)
            ],
        )


def forget_log(tx: Connection, owner: Identifier, of: str) -> None:
    """Delete what is known of a DID that is nobody's any more."""
    tx.execute(delete(did_entry).where(did_entry.c.owner == owner, did_entry.c.did == of))


def known(tx: Connection, owner: Identifier) -> list[str]:
    """Return every DID of which ``owner`` has a log."""
    query = select(did_entry.c.did).distinct().where(did_entry.c.owner == owner)
    return list(tx.execute(query.order_by(did_entry.c.did)).scalars())
