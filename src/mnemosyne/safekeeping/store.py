"""The SQL of safekeeping: which backups were made of this vault, and what it ever erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier

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
