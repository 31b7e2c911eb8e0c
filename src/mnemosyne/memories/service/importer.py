"""Import a file, a folder or an archive: each file or conversation is one transaction."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.contacts import store as contacts
from mnemosyne.contacts.model import Contact
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.importing.batches import in_batches
from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import Entry, ReadOptions, Unit
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.planning import Asked, Fate, people_in
from mnemosyne.memories.importing.report import (
    Conflict,
    ImportReport,
    UnitReport,
    counted,
    outcome_of,
)
from mnemosyne.memories.importing.uploads import Source
from mnemosyne.memories.service.import_batch import ImportBatch, PlannedUnit
from mnemosyne.memories.service.import_storing import Storing

Progress = Callable[[UnitReport], None]
IMPORTED: Final = "imported"
_NAMES: Final = 1_000  # that one import may add to the people list


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import. Without a format it is detected; without a zone it is that of the node.

    ``dry_run`` reports what would happen and writes nothing. ``asked`` names what the person
    removed and wants back.
    """

    format: Format | None = None
    dry_run: bool = False
    asked: Asked = field(default_factory=Asked)
    all_branches: bool = False
    limits: Limits = field(default_factory=Limits)
    zone: tzinfo | None = None


@dataclass(slots=True)
class _People:
    """Whose names this import has looked up in the people list, and how many it added."""

    seen: set[str] = field(default_factory=set)
    met: int = 0

    def meet(self, tx: Connection, batch: ImportBatch, entries: Sequence[Entry]) -> None:
        """Add who speaks in the threads among ``entries``."""
        for name in people_in(entries):
            if name in self.seen or len(self.seen) >= _NAMES:
                continue
            self.seen.add(name)
            if contacts.find(tx, batch.owner, name) is None:
                who = Contact(new_id(batch.at), name, (), IMPORTED)
                contacts.insert_contact(tx, batch.owner, who, batch.at)
                self.met += 1


class Importer:
    """Bring a person's past in, once: the same source again changes nothing."""

    def __init__(self, database: Database, clock: Clock, zone: tzinfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def detect(self, path: Source, options: ImportOptions) -> Format:
        """Return the format of ``path``.

        Raises:
            UnknownFormatError, SourceMissingError, SourceUnreadableError, DamagedArchiveError,
            UnsafeArchiveError
        """
        if options.format is not None:
            return options.format
        return await asyncio.to_thread(detect, path, self._reading(options))

    async def estimate(self, path: Source, options: ImportOptions) -> int | None:
        """Return about how many units will be reported, for a progress bar; None if unknown.

        Raises:
            as :meth:`detect`
        """
        reader = reader_for(await self.detect(path, options), self._reading(options))
        return await asyncio.to_thread(reader.estimate, path)

    async def check(self, principal: Principal) -> None:
        """Refuse whoever may not import, before anything is brought.

        Raises:
            ProcessingRestrictedError: the person has restricted the processing of what is theirs.
        """
        principal.require(Scope.MEMORY_WRITE)
        await self._database.read(lambda tx: require_unrestricted(tx, principal.person))

    async def run(
        self,
        principal: Principal,
        path: Source,
        options: ImportOptions,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Import ``path`` and return what became of it; ``progress`` hears of every unit.

        A unit that was reported is on disk. An import that was stopped, however, goes on where it
        was when it is run again.

        Raises:
            as :meth:`detect`, and SourceTooLargeError: all before the first unit.
            ProcessingRestrictedError: the person has restricted the processing of what is theirs.
        """
        principal.require(Scope.MEMORY_WRITE)
        chosen = await self.detect(path, options)
        reader = reader_for(chosen, self._reading(options))
        salt = await self._database.read(lambda tx: _salt(tx, principal.person))
        report = ImportReport(chosen.value, options.dry_run)
        people = _People()
        async with aclosing(_read(reader.units(path))) as batches:
            async for units in batches:
                batch = ImportBatch(
                    units, principal.person, salt, options.asked, self._clock(), self._own(options)
                )
                for done in await self._one(batch, people, dry_run=options.dry_run):
                    report.take(done)
                    if progress is not None:
                        progress(done)
        report.names = people.met
        return report

    async def _one(self, batch: ImportBatch, people: _People, *, dry_run: bool) -> list[UnitReport]:
        conflicts: dict[bytes, Conflict] = {}
        if not batch.source:  # nothing but problems
            planned = [PlannedUnit(unit, b"", "", done=True, steps=()) for unit in batch.units]
        elif dry_run:
            planned = await self._database.read(batch.plan)
        else:
            planned, conflicts = await self._database.write(lambda tx: _stored(tx, batch, people))
        return [_reported(each, conflicts) for each in planned]

    def _own(self, options: ImportOptions) -> tzinfo:
        return options.zone or self._zone

    def _reading(self, options: ImportOptions) -> ReadOptions:
        return ReadOptions(options.limits, self._own(options), options.all_branches)


def _salt(tx: Connection, owner: Identifier) -> bytes:
    require_unrestricted(tx, owner)
    return accounts.salt(tx, owner)


def _stored(
    tx: Connection, batch: ImportBatch, people: _People
) -> tuple[list[PlannedUnit], dict[bytes, Conflict]]:
    """Plan and store a batch; return the plan, and the conflicts by the key of their entry."""
    require_unrestricted(tx, batch.owner)  # it may have come about since the import began
    planned = batch.plan(tx)
    conflicts = Storing(tx, batch).store(planned)
    steps = (step for each in planned for step in each.steps)
    people.meet(tx, batch, [step.wanted.entry for step in steps if step.fate is Fate.NEW])
    return planned, conflicts


def _reported(planned: PlannedUnit, conflicts: Mapping[bytes, Conflict]) -> UnitReport:
    unit, counts = planned.unit, counted(planned.steps)
    outcome, problems = outcome_of(unit, counts)
    keys = (step.wanted.source_key for step in planned.steps)
    found = tuple(conflicts[key] for key in keys if key in conflicts)
    return UnitReport(unit.source, unit.key, outcome, counts, problems, found)


async def _read(units: Generator[Unit, None, None]) -> AsyncGenerator[tuple[Unit, ...], None]:
    """Read in a thread, batch by batch; the next one is not begun before it is asked for.

    Measured: reading one batch ahead was a third slower, since two busy threads of one interpreter
    wait for each other at every statement.
    """
    loop = asyncio.get_running_loop()
    batches = in_batches(units)
    thread = ThreadPoolExecutor(1, "import-reader")
    try:
        while (batch := await loop.run_in_executor(thread, next, batches, None)) is not None:
            yield batch
    finally:
        for reading in (batches, units):
            thread.submit(reading.close)  # after what is under way
        # Whoever cancels waits for that, and everybody else in this process does not.
        await asyncio.to_thread(thread.shutdown)
