"""The SQL of safekeeping: which backups were made of this vault, and what opens the older ones."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
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
    insert,
    select,
    update,
)

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.database import DatabaseDamagedError, UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.safekeeping.ledger_sealing import LedgerKey, ledger_key

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

# Backups and ledgers from before a rekey stay sealed under what opened the vault then. The earlier
# root keys are wrapped under today's: the key of the database, which a key holder gives out, opens
# no backup. An erase that it opened the vault for has to reach the older ledgers, and no more.
earlier_root = Table(
    "earlier_root",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("until", UtcDateTime, nullable=False),
    Column("wrapped", LargeBinary(60), nullable=False),
    Column("ledger_key", LargeBinary(32), nullable=False),
)

LONGEST = timedelta(hours=6)  # that one backup can take
_LABEL = "mnemosyne/earlier-root/1"
_NONCE_BYTES = 12


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
    """A root key that the vault had until a rekey, wrapped under the present one."""

    number: int
    until: datetime
    wrapped: bytes = field(repr=False)
    ledger_key: LedgerKey

    def unwrap(self, present: RootKey) -> RootKey:
        """Return the root key.

        Raises:
            NeedsSecretError: ``present`` is what a key holder gave.
            DatabaseDamagedError: it was not wrapped under ``present``, or was changed since.
        """
        key, nonce = present.derive(_LABEL), self.wrapped[:_NONCE_BYTES]
        try:
            return RootKey(
                AESGCM(key).decrypt(
                    nonce, self.wrapped[_NONCE_BYTES:], _bound_to(self.number, self.until)
                )
            )
        except (InvalidTag, ValueError) as error:
            raise DatabaseDamagedError("an earlier root key does not open") from error


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
    return tuple(
        EarlierRoot(row.number, row.until, bytes(row.wrapped), LedgerKey(bytes(row.ledger_key)))
        for row in rows
    )


def unwrapped_roots(tx: Connection, present: RootKey) -> tuple[RootKey, ...]:
    """Return the root keys this vault had before ``present``, the oldest first.

    Raises:
        NeedsSecretError, DatabaseDamagedError: as ``EarlierRoot.unwrap``.
    """
    return tuple(each.unwrap(present) for each in earlier_roots(tx))


def retire(tx: Connection, root: RootKey, until: datetime, present: RootKey) -> None:
    """Write down the root key that the vault has had ``until`` now, all wrapped under ``present``.

    Raises:
        DatabaseDamagedError: an earlier one does not open with ``root``.
    """
    known = earlier_roots(tx)
    anew = [_wrapped(each.unwrap(root), each.number, each.until, present) for each in known]
    number = known[-1].number + 1 if known else 0
    take_over_roots(tx, [*anew, _wrapped(root, number, until, present)])


def take_over_roots(tx: Connection, roots: Sequence[EarlierRoot]) -> None:
    """Know these earlier root keys, and no others."""
    tx.execute(delete(earlier_root))
    for each in roots:
        tx.execute(
            insert(earlier_root).values(
                number=each.number,
                until=each.until,
                wrapped=each.wrapped,
                ledger_key=each.ledger_key.material,
            )
        )


def _wrapped(root: RootKey, number: int, until: datetime, present: RootKey) -> EarlierRoot:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealing = AESGCM(present.derive(_LABEL))
    wrapped = nonce + sealing.encrypt(nonce, root.material, _bound_to(number, until))
    return EarlierRoot(number, until, wrapped, ledger_key(root))


def _bound_to(number: int, until: datetime) -> bytes:
    return canonical_json({"number": number, "until": until.isoformat(timespec="microseconds")})


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
