"""The SQL of recovery codes: where each is found, and what its secret part becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    # The four letters in front, by which a code is found: no secret.
    Column("selector", String(4), nullable=False, unique=True),
    Column("salt", LargeBinary(16), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # When the person said that they have written them down.
    Column("acknowledged_at", UtcDateTime, nullable=True),
    Column("redeemed_at", UtcDateTime, nullable=True),
)


@dataclass(frozen=True, slots=True)
class StoredCode:
    """A recovery code without the part that only its owner has."""

    id: Identifier
    owner: Identifier
    selector: str
    salt: bytes
    hash: bytes
    redeemed: bool


@dataclass(frozen=True, slots=True)
class CodesLeft:
    """How many codes can still be redeemed, and whether their owner says to have kept them."""

    left: int
    made: int
    created_at: datetime | None
    acknowledged: bool


def replace(tx: Connection, owner: Identifier, codes: Sequence[StoredCode], at: datetime) -> None:
    """Let new codes take the place of all that ``owner`` had."""
    tx.execute(delete(recovery_code).where(recovery_code.c.owner == owner))
    rows = [
        {
            "id": code.id,
            "owner": owner,
            "selector": code.selector,
            "salt": code.salt,
            "hash": code.hash,
            "created_at": at,
        }
        for code in codes
    ]
    tx.execute(insert(recovery_code), rows)


def taken(tx: Connection, selectors: Sequence[str]) -> bool:
    """Return whether a code of anybody begins with one of ``selectors``."""
    query = select(func.count()).where(recovery_code.c.selector.in_(selectors))
    return int(tx.execute(query).scalar_one()) > 0


def by_selector(tx: Connection, selector: str) -> StoredCode | None:
    """Return the code that begins with ``selector``, whosever it is and redeemed or not."""
    query = select(recovery_code).where(recovery_code.c.selector == selector)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    secret = bytes(row.salt), bytes(row.hash)
    return StoredCode(row.id, row.owner, row.selector, *secret, row.redeemed_at is not None)


def redeem(tx: Connection, owner: Identifier, code_id: Identifier, at: datetime) -> bool:
    """Use a code of ``owner`` up; return whether it was there and unused."""
    found = tx.execute(
        update(recovery_code)
        .where(
            recovery_code.c.owner == owner,
            recovery_code.c.id == code_id,
            recovery_code.c.redeemed_at.is_(None),
        )
        .values(redeemed_at=at)
    )
    return found.rowcount > 0


def acknowledge(tx: Connection, owner: Identifier, at: datetime) -> bool:
    """Note that ``owner`` has kept their codes; return whether there was anything to note."""
    found = tx.execute(
        update(recovery_code)
        .where(recovery_code.c.owner == owner, recovery_code.c.acknowledged_at.is_(None))
        .values(acknowledged_at=at)
    )
    return found.rowcount > 0


def left(tx: Connection, owner: Identifier) -> CodesLeft:
    """Return what is left of the codes of ``owner``."""
    code = recovery_code.c
    row = tx.execute(
        select(
            func.count().label("made"),
            func.count(code.redeemed_at).label("redeemed"),
            func.count(code.acknowledged_at).label("acknowledged"),
            func.min(code.created_at).label("since"),
        ).where(code.owner == owner)
    ).one()
    kept = row.made > 0 and row.acknowledged == row.made
    return CodesLeft(row.made - row.redeemed, row.made, row.since, kept)
