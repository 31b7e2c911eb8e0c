"""Erase a person: every row of theirs, for good; their record stays under a name of nobody."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.store import person
from mnemosyne.audit import store as audit
from mnemosyne.audit import trees
from mnemosyne.audit.derived import AUDIT
from mnemosyne.audit.giving_up import give_up
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import receipt_of
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database, metadata
from mnemosyne.kit.derived_data import DerivedData, OwnedTable
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.durable_file import sync_folder
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.memories.ports import BackupCopy, Copies
from mnemosyne.memories.store import erasing
from mnemosyne.memories.store.tables import memory
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.erased_people import ErasedPerson, digest_of

_AT_ONCE: Final = 500
_RECORD: Final = frozenset(owned.table for owned in AUDIT.tables)
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """Whom an erase would remove: rows by table, the entries that stay, and the backups."""

    name: str
    rows: Mapping[str, int]
    entries: int
    others: int
    backups: tuple[BackupCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonErased:
    """What became of it. The receipt is nowhere but here: what it says is not kept.

    ``complete`` is False while another process still reads old pages.
    """

    receipt: Mapping[str, Any]
    rows: Mapping[str, int]
    pseudonym: str
    complete: bool
    backups: tuple[BackupCopy, ...]
    unreached: tuple[str, ...]


class PersonErasure:
    """Erase the person who asks, from everything that any feature keeps."""

    def __init__(
        self,
        database: Database,
        providers: Sequence[DerivedData],
        copies: Copies,
        lock: VaultLock,
        clock: Clock,
    ) -> None:
        self._database = database
        self._providers = providers
        self._copies = copies
        self._lock = lock
        self._clock = clock

    async def preview(self, principal: Principal) -> PersonPreview:
        """Return what would go and what cannot be reached."""
        principal.require(Scope.ACCOUNT_MANAGE)
        owner = principal.person

        def read(tx: Connection) -> tuple[datetime, PersonPreview]:
            row = tx.execute(select(person).where(person.c.id == owner)).one()
            tree = trees.find(tx, owner)
            others = len(accounts.everybody(tx)) - 1
            entries = 0 if tree is None else tree.frontier.size
            counted = _counted(tx, self._providers, owner)
            return row.created_at, PersonPreview(row.name, counted, entries, others)

        since, found = await self._database.read(read)
        return replace(found, backups=await self._copies.holding(since))

    async def erase(self, principal: Principal) -> PersonErased:
        """Erase the person; ask them before.

        Raises:
            VaultBusyError: another process uses the vault and may still read old pages.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require(Scope.MEMORY_ERASE)
        principal.require_secret()
        await asyncio.to_thread(self._require_alone)
        at = self._clock()
        since, removed = await self._database.write(lambda tx: self._remove(tx, principal, at))
        complete = await self._overwrite()
        if removed.first:
            await asyncio.to_thread(_remove_files, self._lock.home)
        backups = await self._copies.holding(since)
        unreached = await self._copies.publish_erasures()
        facts = _facts(removed, backups, unreached, at, complete=complete)
        act = Act(removed.gone.pseudonym, "person-erased", "local", principal.channel, "", facts)

        def finish(tx: Connection) -> dict[str, Any]:
            # What it says goes to the person alone: of the entry nothing stays but its hash.
            entry = audit.record(tx, act, self._clock(), keep_payload=False)
            return receipt_of(tx, entry, self._clock)

        receipt = await self._database.write(finish)
        return PersonErased(
            receipt, removed.rows, removed.gone.pseudonym, complete, backups, unreached
        )

    def _remove(
        self, tx: Connection, principal: Principal, at: datetime
    ) -> tuple[datetime, "Removed"]:
        owner = principal.person
        since = tx.execute(select(person.c.created_at).where(person.c.id == owner)).scalar_one()
        asked = Act(owner, "person-erase", principal.credential, principal.channel)
        audit.record(tx, asked, at, keep_payload=False)
        return since, remove(tx, self._providers, owner, at)

    async def _overwrite(self) -> bool:
        """Rewrite the file without its free pages and empty the log; False while it is read."""
        await self._database.maintain(lambda driver: driver.execute("VACUUM"))
        for _ in range(_TRIES):
            if await self._database.checkpoint():
                return True
        return False

    def _require_alone(self) -> None:
        users = self._lock.users()
        if len(users) > 1:
            raise VaultBusyError(users, wanted_alone=True)


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
    rows = _counted(tx, providers, owner)
    _remove_memories(tx, providers, owner)
    for owned in _owned(providers):
        whose = owned.table.c[owned.owner_column]
        tx.execute(delete(owned.table).where(whose == owner))
    vault_id = identity.load(tx).vault_id
    gone = ErasedPerson(digest_of(vault_id, owner), give_up(tx, owner), at, named)
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


def _counted(tx: Connection, providers: Sequence[DerivedData], owner: Identifier) -> dict[str, int]:
    found = {}
    for owned in _owned(providers):
        whose = owned.table.c[owned.owner_column]
        query = select(func.count()).select_from(owned.table).where(whose == owner)
        if count := int(tx.execute(query).scalar_one()):
            found[owned.table.name] = count
    return found


def _remove_files(home: VaultHome) -> None:
    """Remove what lies beside the database and is theirs."""
    if home.did_log.exists():
        home.did_log.unlink()
        sync_folder(home.path)


def _facts(
    removed: Removed,
    backups: Sequence[BackupCopy],
    unreached: Sequence[str],
    at: datetime,
    *,
    complete: bool,
) -> dict[str, object]:
    return {
        "erased_at": at.isoformat(),
        "rows": dict(removed.rows),
        "gone_from": "every table, full text, vectors, keys, free pages"
        + (", write-ahead log" if complete else ""),
        "record": removed.gone.pseudonym,
        "backups": [
            {
                "path": copy.path,
                "taken_at": copy.taken_at.isoformat(),
                "expires_at": copy.expires_at.isoformat(),
            }
            for copy in backups
        ],
        "ledgers_not_reached": list(unreached),
    }
