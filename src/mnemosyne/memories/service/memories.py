"""Capture a memory, and read what is there: one, a list, a timeline, earlier wordings."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import require_unrestricted, since
from mnemosyne.audit.reads import Reads
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import (
    Database,
    DatabaseBusyError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.composing import NewMemory, compose
from mnemosyne.memories.errors import WordingNotFoundError
from mnemosyne.memories.model import Captured, Draft, Filter, Memory, Use, Wording
from mnemosyne.memories.paging import Order, Page
from mnemosyne.memories.store import idempotency, labels, reading, writing
from mnemosyne.memories.store.rows import as_stored

PAGE = 20
Known = Callable[[Memory], bool]
"""Whether a reader has a memory as it stands already."""


def _unknown(_memory: Memory) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Day:
    """The memories of one local day, the earliest first."""

    date: date
    memories: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """A memory with its earlier wordings, its links, what replaced it, and what stands beside it.

    ``before`` and ``after`` are its neighbours in its thread, as far as they are not in the bin;
    ``older`` is how many wordings there are before those that were asked for.
    """

    memory: Memory
    wordings: tuple[Wording, ...]
    links: tuple[tuple[str, str], ...]
    superseded_by: Identifier | None
    before: Identifier | None = None
    after: Identifier | None = None
    older: int = 0


class Memories:
    """What a person wrote, read and said: put in, and looked at."""

    def __init__(
        self, database: Database, clock: Clock, zone: tzinfo, reads: Reads | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._reads = reads

    async def capture(self, principal: Principal, draft: Draft, key: str) -> Captured:
        """Store ``draft`` and return when it is on disk; enrichment follows by itself.

        ``key`` makes a repetition safe: the same key with the same draft gives the same memory.

        Raises:
            ContentSizeError, TitleTooLongError, ImportanceRangeError, ValidityOrderError,
            LabelLengthError: the draft cannot be stored as it is.
            IdempotencyConflictError: the key named another draft before.
            MemoryErasedError: what this key created was forgotten or erased.
            ProcessingRestrictedError: the person has restricted the processing of what is theirs.
        """
        principal.require(Scope.MEMORY_WRITE)
        new = compose(draft, principal.person, self._clock(), self._zone)

        def write(tx: Connection) -> Captured:
            owner = principal.person
            require_unrestricted(tx, owner)
            request = idempotency.request_hash(accounts.salt(tx, owner), draft)
            if found := idempotency.earlier(tx, owner, "capture", key, request):
                return Captured(found, created=False)
            captured = _stored_or_twin(tx, new)
            idempotency.remember(
                tx, owner, "capture", key, request, captured.memory.id, new.created_at
            )
            return captured

        return await self._database.write(write)

    async def get(self, principal: Principal, reference: str, *, known: Known = _unknown) -> Memory:
        """Return a memory by its identifier or the end of it, and count that it was opened.

        What is ``known`` as it is was not opened: it is neither counted nor recorded.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
        """
        principal.require(Scope.MEMORY_READ)
        found = await self._database.read(
            lambda tx: reading.require(tx, principal.person, reference)
        )
        if known(found):
            return found
        found = await self._counted(found, self._clock())
        await self._was_read(principal, "show", [found])
        return found

    async def _counted(self, found: Memory, at: datetime) -> Memory:
        """Count that a memory was opened, once a day, and return it as it is then."""
        last = found.use.last_at
        if last is not None and last.date() == at.date():
            return found
        # What is read was read: a full disk or a busy vault only costs the count.
        with suppress(StorageFullError, DatabaseBusyError, WriterStoppedError):
            if await self._database.write(lambda tx: _opened(tx, found, at)):
                return replace(found, use=Use(found.use.count + 1, at))
        return found

    async def detail(
        self, principal: Principal, reference: str, *, opened: bool = False, bounded: bool = False
    ) -> Detail:
        """Return a memory, in the bin or not, with all that hangs on it.

        One that is ``opened`` is looked for outside the bin alone, and counted; ``bounded`` leaves
        out the oldest wordings where all of them are more than a page holds.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
        """
        principal.require(Scope.MEMORY_READ)

        def read(tx: Connection) -> Detail:
            owner = principal.person
            found = reading.require(tx, owner, reference, binned=not opened)
            if bounded:
                wordings, older = reading.latest_wordings(tx, owner, found.id)
            else:
                wordings, older = reading.wordings(tx, owner, found.id), 0
            return Detail(
                found,
                tuple(wordings),
                tuple(labels.links_of(tx, owner, found.id)),
                labels.superseded_by(tx, owner, found.id),
                *reading.beside(tx, owner, found),
                older,
            )

        detail = await self._database.read(read)
        if opened:
            detail = replace(detail, memory=await self._counted(detail.memory, self._clock()))
        await self._was_read(principal, "show", [detail.memory])
        return detail

    async def wording(self, principal: Principal, reference: str, version: int) -> Wording:
        """Return one earlier text of a memory outside the bin.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
            WordingNotFoundError: it had no such text, or has it now.
        """
        principal.require(Scope.MEMORY_READ)

        def read(tx: Connection) -> tuple[Memory, Wording | None]:
            found = reading.require(tx, principal.person, reference)
            return found, reading.wording(tx, principal.person, found.id, version)

        memory, wording = await self._database.read(read)
        if wording is None:
            raise WordingNotFoundError(memory.id, version)
        await self._was_read(principal, "show", [memory])
        return wording

    async def identify(self, principal: Principal, reference: str) -> Identifier:
        """Return the whole identifier of a memory, in the bin or not, and nothing of its text.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
        """
        principal.require(Scope.MEMORY_READ)
        return await self._database.read(
            lambda tx: reading.require(tx, principal.person, reference, binned=True).id
        )

    async def page(
        self,
        principal: Principal,
        wanted: Filter,
        *,
        order: Order = Order.TIME,
        cursor: str = "",
        limit: int = PAGE,
    ) -> Page[Memory]:
        """Return a page of what fits ``wanted``.

        Raises:
            MalformedCursorError: ``cursor`` is of another list.
        """
        principal.require(Scope.MEMORY_READ)
        now = self._clock()
        found = await self._database.read(
            lambda tx: reading.page(tx, principal.person, wanted, now, order, cursor, limit)
        )
        await self._was_read(principal, "list", found.items)
        return found

    async def count(self, principal: Principal, wanted: Filter) -> int:
        """Return how many memories fit ``wanted``."""
        principal.require(Scope.MEMORY_READ)
        now = self._clock()
        return await self._database.read(
            lambda tx: reading.count(tx, principal.person, wanted, now)
        )

    async def timeline(
        self, principal: Principal, wanted: Filter, *, cursor: str = "", limit: int = 100
    ) -> Page[Day]:
        """Return a page of days, the latest first; a day is the local day of the writer."""
        found = await self.page(principal, wanted, cursor=cursor, limit=limit)
        return Page(days(found.items), found.next_cursor)

    async def _was_read(self, principal: Principal, how: str, found: Sequence[Memory]) -> None:
        if self._reads is not None:
            await self._reads.record(principal, how, [each.id for each in found])


def _opened(tx: Connection, found: Memory, at: datetime) -> bool:
    """Count that a memory was opened, unless its person wants nothing done with it."""
    return since(tx, found.owner) is None and writing.opened(tx, found, at)


def days(memories: Sequence[Memory]) -> tuple[Day, ...]:
    """Group memories by their local day, the latest day first, each day from morning on."""
    grouped: dict[date, list[Memory]] = {}
    for memory in memories:
        grouped.setdefault(memory.occurred.local().date(), []).append(memory)
    return tuple(
        Day(day, tuple(sorted(found, key=lambda each: (each.occurred.at, each.seq))))
        for day, found in sorted(grouped.items(), reverse=True)
    )


def _stored_or_twin(tx: Connection, new: NewMemory) -> Captured:
    if twin := writing.twin_of(tx, new):
        return Captured(reading.by_ids(tx, new.owner, [twin])[0], created=False)
    (seq,) = writing.insert_all(tx, [new])
    return Captured(as_stored(new, seq), created=True)
