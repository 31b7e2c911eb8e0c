"""Remove every row of a person, and let their record stay under a name of nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select

from mnemosyne.accounts import store as accounts
from mnemosyne.audit.derived import AUDIT
from mnemosyne.audit.giving_up import give_up
from mnemosyne.kit.database import metadata
from mnemosyne.kit.derived_data import DerivedData, OwnedTable
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity
from mnemosyne.memories.store import erasing
from mnemosyne.memories.store.tables import memory
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.erased_people import ErasedPerson, digest_of

_AT_ONCE: Final = 500
_RECORD: Final = frozenset(owned.table for owned in AUDIT.tables)


@dataclass(frozen=True, slots=True)
class Removed:
    """Who was removed, how many rows went, and whether it was the first person of the vault."""

    gone: ErasedPerson
    rows: Mapping[str, int]
    first: bool


def remove(
    tx: Connection, providers: Sequence[DerivedData], owner: Identifier, at: datetime
) -> Removed:
    """Remove every row of ``owner`` in the caller's transaction and give up their record."""
    first = accounts.everybody(tx)[0] == owner
    named = len(erasing.ledger(tx, owner))
    rows = counted(tx, providers, owner)
    _remove_memories(tx, providers, owner)
    for owned in _owned(providers):
        whose = owned.table.c[owned.owner_column]
        tx.execute(delete(owned.table).where(whose == owner))
    digest = digest_of(identity.load(tx).vault_id, owner)
    known = erased_people.find(tx, digest)  # by a ledger: a backup brought them back
    pseudonym = give_up(tx, owner, known.pseudonym if known else "")
    gone = known or ErasedPerson(digest, pseudonym, at, named)
    erased_people.add(tx, gone)
    return Removed(gone, rows, first)


def _remove_memories(tx: Connection, providers: Sequence[DerivedData], owner: Identifier) -> None:
    """Remove memories as an erase does, with full text, which is in no table of theirs."""
    ids = list(tx.execute(select(memory.c.id).where(memory.c.owner == owner)).scalars())
    for start in range(0, len(ids), _AT_ONCE):
        for provider in providers:
            provider.erase(tx, owner, ids[start : start + _AT_ONCE])


def _owned(providers: Sequence[DerivedData]) -> list[OwnedTable]:
    """Return every table of a person's rows but their record, those that refer to others first."""
    known = {owned.table: owned for provider in providers for owned in provider.tables}
    ordered = [table for table in reversed(metadata.sorted_tables) if table not in _RECORD]
    return [known[table] for table in ordered if table in known]


def counted(tx: Connection, providers: Sequence[DerivedData], owner: Identifier) -> dict[str, int]:
    """Return how many rows of ``owner`` there are, by table, but for their record."""
    found = {}
    for owned in _owned(providers):
        whose = owned.table.c[owned.owner_column]
        query = select(func.count()).select_from(owned.table).where(whose == owner)
        if count := int(tx.execute(query).scalar_one()):
            found[owned.table.name] = count
    return found
