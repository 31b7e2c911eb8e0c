"""The SQL of safekeeping: which backups were made of this vault, and what opens the older ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.root_key import RootKey

backup = Table(
    "backup",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("counter", Integer, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    # Empty until it was restored once and compared with its manifest.
    Column("verified_at", UtcDateTime),
    Column("digest", String(64), nullable=False, default=""),
    Column("size", Integer, nullable=False, default=0),
    UniqueConstraint("counter"),
)

# Backups and ledgers from before a rekey stay sealed under what opened the vault then.
earlier_root = Table(
    "earlier_root",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("until", UtcDateTime, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
)

LONGEST = timedelta(hours=6)  # that one backup can take


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup of this vault; ``verified_at`` is None while nobody has restored it yet."""

    id: Identifier
    path: Path
    counter: int
    taken_at: datetime
    expires_at: datetime
    verified_at: datetime | None
    digest: str
    size: int

    @property
    def destination(self) -> Path:
        """The folder it lies in."""
        return self.path.parent

    @property
    def latest(self) -> datetime:
        """The last moment of which it may hold a memory; one in the making has taken none yet."""
        return self.taken_at if self.verified_at is not None else self.taken_at + LONGEST


@dataclass(frozen=True, slots=True)
class EarlierRoot:
    """A root key that the vault had until a rekey; what was sealed under it stays so."""

    root: RootKey
    until: datetime


def add(tx: Connection, new: KnownBackup) -> None:
    """Write down a backup."""
    tx.execute(
        insert(backup).values(
            id=new.id,
            path=str(new.path),
            counter=new.counter,
            taken_at=new.taken_at,
            expires_at=new.expires_at,
            verified_at=new.verified_at,
            digest=new.digest,
            size=new.size,
        )
    )


def known(tx: Connection) -> list[KnownBackup]:
    """Return every backup that is written down, the newest first."""
    rows = tx.execute(select(backup).order_by(backup.c.taken_at.desc(), backup.c.counter.desc()))
    return [_known(row) for row in rows]


def at_path(tx: Connection, path: Path) -> KnownBackup | None:
    """Return the backup that was written to ``path``."""
    row = tx.execute(select(backup).where(backup.c.path == str(path))).one_or_none()
    return None if row is None else _known(row)


def verified(tx: Connection, backup_id: Identifier, at: datetime, digest: str, size: int) -> None:
    """Record that a backup was restored and found equal to its manifest."""
    tx.execute(
        update(backup)
        .where(backup.c.id == backup_id)
        .values(verified_at=at, digest=digest, size=size)
    )


def drop(tx: Connection, ids: Sequence[Identifier]) -> None:
    """Strike out backups that are gone."""
    tx.execute(delete(backup).where(backup.c.id.in_(ids)))


def take_over(tx: Connection, backups: Sequence[KnownBackup]) -> None:
    """Write down backups, in place of what is known of the same numbers and places."""
    for each in backups:
        tx.execute(
            delete(backup).where(
                (backup.c.counter == each.counter)
                | (backup.c.path == str(each.path))
                | (backup.c.id == each.id)
            )
        )
        add(tx, each)


def earlier_roots(tx: Connection) -> tuple[EarlierRoot, ...]:
    """Return the root keys this vault had before, the oldest first."""
    rows = tx.execute(select(earlier_root).order_by(earlier_root.c.number))
    return tuple(EarlierRoot(RootKey(bytes(row.root)), row.until) for row in rows)


def retire(tx: Connection, earlier: EarlierRoot) -> None:
    """Write down the root key that the vault has had until now."""
    newest = tx.execute(select(func.max(earlier_root.c.number))).scalar()
    number = 0 if newest is None else newest + 1
    tx.execute(
        insert(earlier_root).values(number=number, until=earlier.until, root=earlier.root.material)
    )


def take_over_roots(tx: Connection, roots: Sequence[EarlierRoot]) -> None:
    """Know these earlier root keys, and no others."""
    tx.execute(delete(earlier_root))
    for each in roots:
        retire(tx, each)


def _known(row: Row[Any]) -> KnownBackup:
    return KnownBackup(
        row.id,
        Path(row.path),
        row.counter,
        row.taken_at,
        row.expires_at,
        row.verified_at,
        row.digest,
        row.size,
    )
