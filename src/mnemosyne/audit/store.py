"""Write and read the record. The canonical bytes never change; payloads can be erased."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from mnemosyne.audit import pseudonyms, trees
from mnemosyne.audit.model import READ, Act, Entry
from mnemosyne.audit.tables import audit_entry, audit_payload
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.digests import keyed_hash
from mnemosyne.kit.crypto.merkle import leaf_hash
from mnemosyne.kit.ids import Identifier

_SALT: Final = 32
# Made once: an act is recorded with every answer that leaves the node.
_NEWEST: Final = select(func.max(audit_entry.c.seq)).where(
    audit_entry.c.owner == bindparam("whose")
)
_ENTRY: Final = insert(audit_entry)
_PAYLOAD: Final = insert(audit_payload)


def append(tx: Connection, act: Act, at: datetime) -> int:
    """Append an act in the caller's transaction; return its number in the person's sequence.

    The payload stands beside its salted hash rather than inside the canonical bytes, so that
    erasing what an entry speaks of leaves every entry verifiable.

    Raises:
        RecordGoneError: whose act it is was erased while it was under way.
    """
    return record(tx, act, at).seq


def record(tx: Connection, act: Act, at: datetime, *, keep_payload: bool = True) -> Entry:
    """Append an act and return its entry; without ``keep_payload`` only the caller has the payload.

    Raises:
        NotCanonicalError: the payload has no canonical form.
        RecordGoneError: whose act it is was erased while it was under way.
    """
    tree = trees.ensure(tx, act.owner)
    newest = tx.execute(_NEWEST, {"whose": act.owner}).scalar()
    # Greater only where somebody added rows by hand, which verification names.
    seq = max(tree.frontier.size, newest if isinstance(newest, int) else 0) + 1
    salt, payload = secrets.token_bytes(_SALT), dict(act.payload)
    digest = payload_hash(salt, payload)
    canonical = _canonical(act, seq, at, salt, digest, tree.salt)
    frontier = tree.frontier.grown(leaf_hash(canonical))
    place = {"owner": act.owner, "seq": seq}
    facts = {"type": act.type, "at": at, "canonical": canonical, "payload_hash": digest}
    tx.execute(_ENTRY, {**place, **facts, "head": frontier.root()})
    if keep_payload:
        details = {"subject": act.subject, "salt": salt, "payload": payload}
        tx.execute(_PAYLOAD, {**place, **details})
    trees.grow(tx, act.owner, frontier)
    return Entry(act.owner, seq, act.type, at, canonical, digest, salt, payload)


def _canonical(
    act: Act, seq: int, at: datetime, salt: bytes, digest: bytes, person_salt: bytes | None
) -> bytes:
    """Return the leaf: nothing in it can be linked once the salts are gone."""
    stated = {
        "seq": seq,
        "type": act.type,
        "time": moment(at),
        "credential": pseudonyms.of_credential(person_salt or salt, act.credential),
        "channel": act.channel,
        "payload_hash": digest.hex(),
    }
    if act.type != READ:  # of which there are many, and all have the one subject
        stated["subject_hash"] = subject_hash(salt, act.subject)
    return canonical_json(stated)


def moment(at: datetime) -> str:
    """Return how an entry writes its time."""
    return at.isoformat(timespec="microseconds")


def subject_hash(salt: bytes, subject: str) -> str:
    """Return what binds the subject of a payload to its entry, and goes blind with the salt."""
    return keyed_hash(salt, b"subject:" + subject.encode()).hex()


def payload_hash(salt: bytes, payload: Mapping[str, object]) -> bytes:
    """Return HMAC-SHA-256(salt, JCS(payload)): without the salt, no guess can be checked."""
    return keyed_hash(salt, canonical_json(payload))


def entries(
    tx: Connection,
    owner: Identifier,
    *,
    before: int | None = None,
    limit: int = 50,
    reads: bool = True,
) -> list[Entry]:
    """Return the newest entries of ``owner``, newest first, with what is left of their payloads."""
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
    if not reads:
        query = query.where(audit_entry.c.type != READ)
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
