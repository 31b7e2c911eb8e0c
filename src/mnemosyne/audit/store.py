"""The append-only table of acts. The canonical bytes never change; payloads can be erased."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
)

from mnemosyne.audit.model import Act, Entry
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("payload_hash", LargeBinary(32), nullable=False),
)

audit_payload = Table(
    "audit_payload",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(32), nullable=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("payload", JSON, nullable=False),
    ForeignKeyConstraint(["owner", "seq"], ["audit_entry.owner", "audit_entry.seq"]),
    Index(None, "owner", "subject"),
)


def append(tx: Connection, act: Act, at: datetime) -> int:
    """Append an act in the caller's transaction; return its number in the person's sequence.

    The payload stands beside its salted hash rather than inside the canonical bytes, so that
    erasing what an entry speaks of leaves every entry verifiable.
    """
    newest = select(func.max(audit_entry.c.seq)).where(audit_entry.c.owner == act.owner)
    seq = int(tx.execute(newest).scalar() or 0) + 1
    salt = secrets.token_bytes(32)
    payload = dict(act.payload)
    digest = payload_hash(salt, payload)
    canonical = canonical_json(
        {
            "seq": seq,
            "type": act.type,
            "time": at.isoformat(timespec="microseconds"),
            "credential": act.credential,
            "channel": act.channel,
            "payload_hash": digest.hex(),
        }
    )
    tx.execute(
        insert(audit_entry).values(
            owner=act.owner,
            seq=seq,
            type=act.type,
            at=at,
            canonical=canonical,
            payload_hash=digest,
        )
    )
    tx.execute(
        insert(audit_payload).values(
            owner=act.owner, seq=seq, subject=act.subject, salt=salt, payload=payload
        )
    )
    return seq


def payload_hash(salt: bytes, payload: Mapping[str, object]) -> bytes:
    """Return HMAC-SHA-256(salt, JCS(payload)): without the salt, no guess can be checked."""
    return hmac.digest(salt, canonical_json(payload), hashlib.sha256)


def entries(
    tx: Connection, owner: Identifier, *, before: int | None = None, limit: int = 50
) -> list[Entry]:
    """Return the newest acts of ``owner``, newest first, with what is left of their payloads."""
    joined = audit_entry.outerjoin(
        audit_payload,
        (audit_payload.c.owner == audit_entry.c.owner) & (audit_payload.c.seq == audit_entry.c.seq),
    )
    query = (
        select(audit_entry, audit_payload.c.salt, audit_payload.c.payload)
        .select_from(joined)
        .where(audit_entry.c.owner == owner)
        .order_by(audit_entry.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(audit_entry.c.seq < before)
    return [
        Entry(r.owner, r.seq, r.type, r.at, r.canonical, r.payload_hash, r.salt, r.payload)
        for r in tx.execute(query)
    ]


def entry(tx: Connection, owner: Identifier, seq: int) -> Entry | None:
    """Return one act of ``owner``."""
    found = entries(tx, owner, before=seq + 1, limit=1)
    return found[0] if found and found[0].seq == seq else None


def find(tx: Connection, owner: Identifier, kind: str, subject: Identifier) -> int | None:
    """Return the number of the newest act of a kind on ``subject``, while its payload is there."""
    found = tx.execute(
        select(func.max(audit_entry.c.seq))
        .join(
            audit_payload,
            (audit_payload.c.owner == audit_entry.c.owner)
            & (audit_payload.c.seq == audit_entry.c.seq),
        )
        .where(
            audit_entry.c.owner == owner,
            audit_entry.c.type == kind,
            audit_payload.c.owner == owner,
            audit_payload.c.subject == subject,
        )
    ).scalar()
    return None if found is None else int(found)


def forget_subject(tx: Connection, owner: Identifier, subject: Identifier) -> int:
    """Erase the payloads that speak of ``subject``; their entries stay verifiable."""
    return tx.execute(
        delete(audit_payload).where(
            audit_payload.c.owner == owner, audit_payload.c.subject == subject
        )
    ).rowcount


@dataclass(frozen=True, slots=True)
class Head:
    """The newest number of a person's sequence and the digest of all their canonical bytes."""

    seq: int
    digest: str


def head(tx: Connection, owner: Identifier) -> Head:
    """Return how far the record of ``owner`` reaches, for a backup's manifest."""
    digest = hashlib.sha256()
    seq = 0
    rows = tx.execute(
        select(audit_entry.c.seq, audit_entry.c.canonical)
        .where(audit_entry.c.owner == owner)
        .order_by(audit_entry.c.seq)
    )
    for row in rows:
        seq = row.seq
        digest.update(len(row.canonical).to_bytes(4, "big") + row.canonical)
    return Head(seq, digest.hexdigest())
