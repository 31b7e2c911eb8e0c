"""Forget: to the bin, hidden everywhere, restorable. The most an assistant may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.audit.reads import Reads
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.errors import ForgetLimitError, NotInBinError
from mnemosyne.memories.model import Memory, OnlyIf, anyhow
from mnemosyne.memories.paging import Page
from mnemosyne.memories.store import reading, writing

FORGETS_PER_HOUR: Final = 20
OFFER_AFTER: Final = timedelta(days=30)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Binned:
    """A memory in the bin. ``offered`` says that it lies there for 30 days: erase it?"""

    memory: Memory
    offered: bool


class Bin:
    """What was forgotten and can come back. Nothing leaves it by time."""

    def __init__(self, database: Database, clock: Clock, reads: Reads | None = None) -> None:
        self._database = database
        self._clock = clock
        self._reads = reads

    async def forget(
        self,
        principal: Principal,
        references: Sequence[str],
        *,
        many: bool = False,
        only_if: OnlyIf = anyhow,
    ) -> list[Memory]:
        """Put memories to the bin, all or none.

        ``many`` lifts the limit of 20 an hour, for the person at the shell alone. ``only_if`` looks
        at each in the same transaction and may refuse.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
            ForgetLimitError: this credential forgot more than 20 within the hour.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()
        by = f"{principal.credential} ({principal.channel})"
        unlimited = many and principal.credential == "local"

        def write(tx: Connection) -> list[Memory]:
            owner = principal.person
            require_unrestricted(tx, owner)
            found = reading.require_all(tx, owner, references)
            for each in found:
                only_if(each)
            recent = writing.hidden_since(tx, owner, by, at - _HOUR)
            if not unlimited and recent + len(found) > FORGETS_PER_HOUR:
                raise ForgetLimitError(FORGETS_PER_HOUR)
            writing.hide(tx, found, by, at)
            for memory in found:
                audit.append(tx, _act(principal, "forget", memory), at)
            return reading.by_ids(tx, owner, [memory.id for memory in found])

        return await self._database.write(write)

    async def restore(self, principal: Principal, references: Sequence[str]) -> list[Memory]:
        """Take memories out of the bin, as they were.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
            NotInBinError: one of them was never forgotten.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()

        def write(tx: Connection) -> list[Memory]:
            owner = principal.person
            require_unrestricted(tx, owner)
            found = reading.require_all(tx, owner, references, binned=True)
            for memory in found:
                if not memory.in_bin:
                    raise NotInBinError(memory.id)
                audit.append(tx, _act(principal, "unforget", memory), at)
            writing.unhide(tx, found)
            return reading.by_ids(tx, owner, [memory.id for memory in found])

        return await self._database.write(write)

    async def page(
        self, principal: Principal, *, cursor: str = "", limit: int = 20
    ) -> Page[Binned]:
        """Return a page of the bin.

        Raises:
            MalformedCursorError: ``cursor`` is of another list.
        """
        principal.require(Scope.MEMORY_READ)
        page = await self._database.read(
            lambda tx: reading.bin_page(tx, principal.person, cursor, limit)
        )
        if self._reads is not None:
            await self._reads.record(principal, "bin", [each.id for each in page.items])
        ripe = self._clock() - OFFER_AFTER
        items = [Binned(m, m.deleted_at is not None and m.deleted_at <= ripe) for m in page.items]
        return Page(items, page.next_cursor)

    async def identifiers(self, principal: Principal) -> list[Identifier]:
        """Return what is in the bin by its identifiers alone; no text is read."""
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(lambda tx: reading.bin_ids(tx, principal.person))

    async def everything(self, principal: Principal) -> list[Memory]:
        """Return all that is in the bin."""
        found: list[Memory] = []
        cursor = ""
        while True:
            page = await self.page(principal, cursor=cursor, limit=200)
            found.extend(each.memory for each in page.items)
            if not (cursor := page.next_cursor):
                return found


def _act(principal: Principal, kind: str, memory: Memory) -> Act:
    return Act(
        owner=principal.person,
        type=kind,
        credential=principal.credential,
        channel=principal.channel,
        subject=memory.id,
        payload={"memory": memory.id},
    )
