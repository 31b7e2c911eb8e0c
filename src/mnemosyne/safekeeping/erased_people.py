"""Who was erased from this vault, known by a digest that only their identifier leads to.

A restore of a backup from before finds them by it and erases them again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, Integer, String, Table, insert, inspect, select

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
)


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Someone who is gone, since when, and under which name their record is verified."""

    digest: str
    pseudonym: str
    erased_at: datetime
    memories_erased: int


class PersonErasedError(MnemosyneError):
    """The only person of the vault was erased; nothing but their record is left."""

    code = "person-erased"

    def __init__(self, last: ErasedPerson) -> None:
        super().__init__(
            "the person of this vault was erased, and nothing of them is left to open",
            why=f"It was done on {last.erased_at:%Y-%m-%d}. What stays is the record of acts, "
            "under a name that nothing links to them.",
            hint="`mnemosyne audit verify` still checks it. For a new vault set MNEMOSYNE_HOME to "
            "another folder and run `mnemosyne init`.",
        )
        self.last = last


def digest_of(vault_id: Identifier, person: Identifier) -> str:
    """Return by what an erased person is known; 74 random bits of an identifier defy guessing."""
    return sha256(f"{_DOMAIN}\n{vault_id}\n{person}".encode()).hex()


def add(tx: Connection, gone: ErasedPerson) -> None:
    """Write down that somebody was erased; once is enough."""
    known = select(erased_person.c.digest).where(erased_person.c.digest == gone.digest)
    if tx.execute(known).one_or_none() is None:
        tx.execute(
            insert(erased_person).values(
                digest=gone.digest,
                pseudonym=gone.pseudonym,
                erased_at=gone.erased_at,
                memories_erased=gone.memories_erased,
            )
        )


def everyone(tx: Connection) -> tuple[ErasedPerson, ...]:
    """Return everybody who was erased, the first one first."""
    if not inspect(tx).has_table(erased_person.name):
        return ()  # a vault of an earlier version, which a restore replaces
    order = select(erased_person).order_by(erased_person.c.erased_at, erased_person.c.digest)
    return tuple(
        ErasedPerson(row.digest, row.pseudonym, row.erased_at, row.memories_erased)
        for row in tx.execute(order)
    )


def among(
    people: Iterable[Identifier], vault_id: Identifier, gone: Sequence[ErasedPerson]
) -> list[Identifier]:
    """Return which of ``people`` were erased."""
    digests = {each.digest for each in gone}
    return [each for each in people if digest_of(vault_id, each) in digests]
