"""Erase a person: every row of theirs, for good; their record stays under a name of nobody."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.store import person
from mnemosyne.audit import store as audit
from mnemosyne.audit import trees
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.memories.ports import BackupCopy, Copies
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.erased_people import Pending
from mnemosyne.safekeeping.erasure_completion import ErasureCompletion, PersonErased
from mnemosyne.safekeeping.person_removal import counted, remove


class OthersStayError(MnemosyneError):
    """The person whose node it is cannot go while others are on it."""

    code = "others-stay"

    def __init__(self, others: int) -> None:
        super().__init__(
            "you run this node, and others are on it",
            why=f"Your ways in open the vault that also holds what is theirs ({others:,} more). "
            "Without you nobody could open or back it up, and it would belong to whoever is next.",
            hint="Let them export an archive and erase themselves first, or erase them with "
            "`mnemosyne account erase --person NAME`.",
        )
        self.others = others


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """Whom an erase would remove: rows by table, the entries that stay, and the backups."""

    name: str
    rows: Mapping[str, int]
    entries: int
    others: int
    backups: tuple[BackupCopy, ...] = ()


class PersonErasure:
    """Erase the person who asks, from everything that any feature keeps."""

    def __init__(
        self,
        database: Database,
        providers: Sequence[DerivedData],
        copies: Copies,
        lock: VaultLock,
        clock: Clock,
        forgets: Sequence[Callable[[Identifier], None]] = (),
    ) -> None:
        self._database = database
        self._providers = providers
        self._copies = copies
        self._lock = lock
        self._clock = clock
        self._forgets = forgets  # what this process keeps in memory of somebody
        self._completion = ErasureCompletion(database, copies, lock.home, clock)

    async def preview(self, principal: Principal) -> PersonPreview:
        """Return what would go and what cannot be reached.

        Raises:
            OthersStayError: the node is theirs, and somebody else is on it.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        owner = principal.person

        def read(tx: Connection) -> tuple[datetime, PersonPreview]:
            others = _others(tx, owner)
            row = tx.execute(select(person).where(person.c.id == owner)).one()
            tree = trees.find(tx, owner)
            entries = 0 if tree is None else tree.frontier.size
            rows = counted(tx, self._providers, owner)
            return row.created_at, PersonPreview(row.name, rows, entries, others)

        since, found = await self._database.read(read)
        return replace(found, backups=await self._copies.holding(since))

    async def erase(self, principal: Principal) -> PersonErased:
        """Erase the person; ask them before, and say ``handed_out`` once they have the receipt.

        Raises:
            OthersStayError: the node is theirs, and somebody else is on it.
            VaultBusyError: another process uses the vault and may still read old pages.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require(Scope.MEMORY_ERASE)
        principal.require_secret()
        await asyncio.to_thread(self._require_alone)
        at = self._clock()
        pending = await self._database.write(lambda tx: self._remove(tx, principal, at))
        for forget in self._forgets:
            forget(principal.person)
        return await self._completion.complete(pending)

    async def handed_out(self, erased: PersonErased) -> None:
        """Forget what the receipt says, now that whoever asked for it has it."""
        await self._completion.handed_out(erased)

    def _remove(self, tx: Connection, principal: Principal, at: datetime) -> Pending:
        owner = principal.person
        _others(tx, owner)
        since = tx.execute(select(person.c.created_at).where(person.c.id == owner)).scalar_one()
        asked = Act(owner, "person-erase", principal.credential, principal.channel)
        audit.record(tx, asked, at, keep_payload=False)
        removed = remove(tx, self._providers, owner, at)
        pending = Pending(removed.gone, removed.rows, since, principal.channel, removed.first)
        erased_people.await_rest(tx, pending)
        return pending

    def _require_alone(self) -> None:
        users = self._lock.users()
        if len(users) > 1:
            raise VaultBusyError(users, wanted_alone=True)


def _others(tx: Connection, owner: Identifier) -> int:
    """Return how many others are here.

    Raises:
        NotSignedInError: the person is gone already.
        OthersStayError: there are some, and the node is the person's.
    """
    everybody = accounts.everybody(tx)
    if owner not in everybody:
        raise NotSignedInError
    others = len(everybody) - 1
    if others and everybody[0] == owner:
        raise OthersStayError(others)
    return others
