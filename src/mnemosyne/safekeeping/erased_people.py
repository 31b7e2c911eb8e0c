"""Who was erased from this vault, known by a digest that only their identifier leads to.

A restore of a backup from before finds them by it and erases them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    insert,
    inspect,
    select,
    update,
)

from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier

_DOMAIN: Final = "mnemosyne-erased-person/1"

erased_person = Table(
    "erased_person",
    metadata,
    Column("digest", String(64), primary_key=True),
    # By which their record and the checkpoints of it go.
    Column("pseudonym", String(32), nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
    # So many memories of theirs the erasure ledger named: its number never goes back.
    Column("memories_erased", Integer, nullable=False),
    # What is to follow the removal of the rows, and what the receipt will say; NULL once both
    # are done.
    Column("pending", JSON(none_as_null=True)),
)


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Someone who is gone, since when, and under which name their record is verified."""

    digest: str
    pseudonym: str
    erased_at: datetime
    memories_erased: int


@dataclass(frozen=True, slots=True)
class Pending:
    """An erase of which more is to follow than the removal of rows, the receipt last of all.

    ``rows`` were removed by table, of somebody who was here since ``since`` and asked through
    ``channel``; ``first`` says that the files beside the database were theirs. ``cleared`` says
    that ledgers, files and free pages are done, so that only the receipt waits.
    """

    gone: ErasedPerson
    rows: Mapping[str, int]
    since: datetime
    channel: str
    first: bool
    cleared: bool = False

    def document(self) -> dict[str, object]:
        """Return what is stored beside who is gone."""
        return {
            "rows": dict(self.rows),
            "since": self.since.isoformat(),
            "channel": self.channel,
            "first": self.first,
            "cleared": self.cleared,
        }


class PersonErasedError(MnemosyneError):
    """The only person of the vault was erased; nothing but their record is left."""

    code = "person-erased"

    def __init__(self, last: ErasedPerson, *, receipt_waits: bool = False) -> None:
        waits = "`mnemosyne account erase` hands out its receipt, which nobody got yet. "
        super().__init__(
            "the person of this vault was erased, and nothing of them is left to open",
            why=f"It was done on {last.erased_at:%Y-%m-%d}. What stays is the record of acts, "
            "under a name that nothing links to them.",
            hint=(waits if receipt_waits else "")
            + "`mnemosyne audit verify` still checks it. For a new vault set MNEMOSYNE_HOME to "
            "another folder and run `mnemosyne init`.",
        )
        self.last = last


def digest_of(vault_id: Identifier, person: Identifier) -> str:
    """Return by what an erased person is known; 74 random bits of an identifier defy guessing."""
    return sha256(f"{_DOMAIN}\n{vault_id}\n{person}".encode()).hex()


def add(tx: Connection, gone: ErasedPerson) -> None:
    """Write down that somebody was erased; once is enough."""
    if find(tx, gone.digest) is None:
        tx.execute(
            insert(erased_person).values(
                digest=gone.digest,
                pseudonym=gone.pseudonym,
                erased_at=gone.erased_at,
                memories_erased=gone.memories_erased,
            )
        )


def find(tx: Connection, digest: str) -> ErasedPerson | None:
    """Return whom a digest is of."""
    row = tx.execute(select(erased_person).where(erased_person.c.digest == digest)).one_or_none()
    return None if row is None else _gone(row)


def await_rest(tx: Connection, pending: Pending) -> None:
    """Write down what is to follow the removal of rows, in the transaction that removes them."""
    _set_pending(tx, pending.gone, pending.document())


def forget_rest(tx: Connection, gone: ErasedPerson) -> None:
    """Write down that all of it was done and the receipt is where it belongs."""
    _set_pending(tx, gone, None)


def _set_pending(tx: Connection, gone: ErasedPerson, pending: Mapping[str, object] | None) -> None:
    whose = erased_person.c.digest == gone.digest
    tx.execute(update(erased_person).where(whose).values(pending=pending))


def unfinished(tx: Connection) -> tuple[Pending, ...]:
    """Return the erases that were interrupted, or whose receipt was not handed out."""
    order = select(erased_person).where(erased_person.c.pending.is_not(None))
    return tuple(
        Pending(
            _gone(row),
            {str(name): int(count) for name, count in row.pending["rows"].items()},
            datetime.fromisoformat(row.pending["since"]),
            str(row.pending["channel"]),
            bool(row.pending["first"]),
            bool(row.pending["cleared"]),
        )
        for row in tx.execute(order.order_by(erased_person.c.erased_at, erased_person.c.digest))
    )


def everyone(tx: Connection) -> tuple[ErasedPerson, ...]:
    """Return everybody who was erased, the first one first."""
    if not inspect(tx).has_table(erased_person.name):
        return ()  # a vault of an earlier version, which a restore replaces
    order = select(erased_person).order_by(erased_person.c.erased_at, erased_person.c.digest)
    return tuple(_gone(row) for row in tx.execute(order))


def _gone(row: Row[Any]) -> ErasedPerson:
    return ErasedPerson(row.digest, row.pseudonym, row.erased_at, row.memories_erased)


def among(
    people: Iterable[Identifier], vault_id: Identifier, gone: Sequence[ErasedPerson]
) -> list[Identifier]:
    """Return which of ``people`` were erased."""
    digests = {each.digest for each in gone}
    return [each for each in people if digest_of(vault_id, each) in digests]
