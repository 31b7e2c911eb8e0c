"""Whose vault it is: the one row that names the vault, its incarnation and the key of its node."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NoReturn, Self

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    select,
    update,
)

from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey, fingerprint
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id

if TYPE_CHECKING:
    from collections.abc import Callable

_INCARNATION_BYTES: Final = 16

vault = Table(
    "vault",
    metadata,
    Column("only", Integer, primary_key=True),
    Column("vault_id", String(32), nullable=False),
    # Changed by a restore: what other processes hold in memory belongs to an incarnation.
    Column("incarnation", String(32), nullable=False),
    Column("node_key", LargeBinary(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # Numbers the backups, so that an older one can be told from the newest.
    Column("backup_counter", Integer, nullable=False),
    CheckConstraint("only = 1", name="one_row"),
)


class VaultUnfinishedError(MnemosyneError):
    """The database has its tables and not the row that names the vault."""

    code = "vault-unfinished"

    def __init__(self) -> None:
        super().__init__(
            "the vault was never finished",
            why="Its database does not say which vault it is: `init` was interrupted.",
            hint="Nothing was stored yet: move the folder away and run `mnemosyne init` again.",
        )


class NodeKey:
    """The Ed25519 key with which this node signs. Its private half shows nowhere.

    No attribute holds it, and neither copy nor pickle takes it along.
    """

    __slots__ = ("_public", "_sign", "_write")

    def __init__(self, key: SigningKey) -> None:
        def sign(message: bytes) -> bytes:
            return key.sign(message)

        def write(tx: Connection) -> None:
            tx.execute(update(vault).values(node_key=key.private))

        self._public = key.public
        self._sign: Callable[[bytes], bytes] = sign
        self._write: Callable[[Connection], None] = write

    @classmethod
    def from_private(cls, private: bytes) -> Self:
        """Return the key whose private half is ``private``, 32 bytes."""
        return cls(SigningKey(private))

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public half."""
        return self._public

    @property
    def fingerprint(self) -> str:
        """What people compare aloud: eight groups of four hex digits."""
        return fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of ``message``."""
        return self._sign(message)

    def become_that_of(self, tx: Connection) -> None:
        """Let the vault that ``tx`` changes sign with this key from now on."""
        self._write(tx)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeKey) and other.public == self._public

    def __hash__(self) -> int:
        return hash(self._public)

    def __repr__(self) -> str:
        return f"<node key {encode_multikey(self._public)}>"

    def __reduce__(self) -> NoReturn:
        message = "the key of a node is not copied or stored"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class VaultIdentity:
    """Which vault this is, in which incarnation, and what it signs with."""

    vault_id: Identifier
    incarnation: str
    node_key: NodeKey
    created_at: datetime
    backup_counter: int


def create(tx: Connection, at: datetime) -> VaultIdentity:
    """Name a new vault and make the key of its node.

    Raises:
        sqlalchemy.exc.IntegrityError: it has a name already.
    """
    tx.execute(
        insert(vault).values(
            only=1,
            vault_id=new_id(at),
            incarnation=_incarnation(),
            node_key=SigningKey.generate().private,
            created_at=at,
            backup_counter=0,
        )
    )
    return load(tx)


def load(tx: Connection) -> VaultIdentity:
    """Return which vault this is.

    Raises:
        VaultUnfinishedError: it has no name yet.
    """
    row = tx.execute(select(vault)).one_or_none()
    if row is None:
        raise VaultUnfinishedError
    return VaultIdentity(
        vault_id=row.vault_id,
        incarnation=row.incarnation,
        node_key=NodeKey.from_private(bytes(row.node_key)),
        created_at=row.created_at,
        backup_counter=row.backup_counter,
    )


def new_incarnation(tx: Connection) -> str:
    """Begin and return a new incarnation, in which nothing that was cached before holds.

    Raises:
        VaultUnfinishedError: the vault has no name yet.
    """
    changed = tx.execute(
        update(vault).values(incarnation=_incarnation()).returning(vault.c.incarnation)
    ).scalar_one_or_none()
    if changed is None:
        raise VaultUnfinishedError
    return str(changed)


def next_backup_counter(tx: Connection) -> int:
    """Return the number of the next backup, which is given out once.

    Raises:
        VaultUnfinishedError: the vault has no name yet.
    """
    number = tx.execute(
        update(vault)
        .values(backup_counter=vault.c.backup_counter + 1)
        .returning(vault.c.backup_counter)
    ).scalar_one_or_none()
    if number is None:
        raise VaultUnfinishedError
    return int(number)


def continue_counter(tx: Connection, reached: int) -> None:
    """Go on from the number ``reached`` by the vault that this one replaces, if that is higher."""
    tx.execute(update(vault).where(vault.c.backup_counter < reached).values(backup_counter=reached))


def _incarnation() -> str:
    return secrets.token_hex(_INCARNATION_BYTES)
