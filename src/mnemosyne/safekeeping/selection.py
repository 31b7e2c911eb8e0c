"""Export a selection of memories as JSON lines or Markdown; secrets stay unless masked."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.crypto.stream import Writable
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.enrichment.secrets import inspect, redact
from mnemosyne.memories.model import Filter, Memory, SecretState
from mnemosyne.memories.paging import Order, Page
from mnemosyne.memories.store import reading
from mnemosyne.safekeeping.archive_errors import ArchiveNotWrittenError
from mnemosyne.safekeeping.destination import gone_unless_recorded, write_whole

_PAGE: Final = 500


class ExportForm(StrEnum):
    """How a selection is written."""

    JSONL = "jsonl"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class Exported:
    """How many memories left, and how many stayed because they hold a secret or are unchecked."""

    written: int
    held_back: int

    def __add__(self, other: "Exported") -> "Exported":
        return Exported(self.written + other.written, self.held_back + other.held_back)


class Selection:
    """Writes the memories that a filter selects to a file of their own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def export(
        self,
        principal: Principal,
        wanted: Filter,
        path: Path,
        form: ExportForm = ExportForm.JSONL,
        *,
        redacted: bool = False,
    ) -> Exported:
        """Write what ``wanted`` selects to the new file ``path``, the earliest first.

        Only texts that are clear or were cleared leave, and with a clear one nothing beside it
        that looks like a secret, such as an address with a password; with ``redacted`` all do,
        with their secrets masked. What left stands in the record, or the file goes again.

        Raises:
            ArchiveNotWrittenError: the system refused, or there is a file already.
        """
        principal.require(Scope.MEMORY_READ)
        pages = self._pages(principal.person, wanted, asyncio.get_running_loop())
        writing = partial(_write, pages=pages, form=form, redacted=redacted)
        try:
            exported = await asyncio.to_thread(write_whole, path, writing)
        except OSError as error:
            raise ArchiveNotWrittenError(path, error.strerror or str(error)) from error
        with gone_unless_recorded(path):
            await self._enter(principal, path, form, exported, redacted=redacted)
        return exported

    async def write_to(
        self,
        principal: Principal,
        wanted: Filter,
        spool: Spool,
        form: ExportForm = ExportForm.JSONL,
        *,
        redacted: bool = False,
    ) -> Exported:
        """Write what ``wanted`` selects to ``spool``, as :meth:`export` does to a file.

        Whoever cancels is heard between two pages.

        Raises:
            SpoolFullError: the system refused.
        """
        principal.require(Scope.MEMORY_READ)
        now, after, exported = self._clock(), "", Exported(0, 0)
        while True:
            page = await self._page(principal.person, wanted, now, after)
            done = await asyncio.to_thread(
                _write, spool, iter([page.items]), form, redacted=redacted
            )
            exported += done
            after = page.next_cursor
            if not after:
                break
        spool.finish()
        await self._enter(principal, None, form, exported, redacted=redacted)
        return exported

    async def _enter(
        self,
        principal: Principal,
        path: Path | None,
        form: ExportForm,
        exported: Exported,
        *,
        redacted: bool,
    ) -> None:
        at = self._clock()
        facts: dict[str, object] = {
            "form": form.value,
            "redacted": redacted,
            "written": exported.written,
        }
        if path is not None:
            facts["path"] = str(path)
        act = Act(
            owner=principal.person,
            type="export",
            credential=principal.credential,
            channel=principal.channel,
            payload=facts,
        )
        await self._database.write(lambda tx: audit.append(tx, act, at))

    def _pages(
        self, owner: Identifier, wanted: Filter, loop: AbstractEventLoop
    ) -> Iterator[Sequence[Memory]]:
        """Yield the selection page by page, each from a snapshot of its own, for another thread."""
        now, after = self._clock(), ""
        while True:
            reading_one = self._page(owner, wanted, now, after)
            page = asyncio.run_coroutine_threadsafe(reading_one, loop).result()
            yield page.items
            if not page.next_cursor:
                return
            after = page.next_cursor

    async def _page(
        self, owner: Identifier, wanted: Filter, now: datetime, after: str
    ) -> Page[Memory]:
        return await self._database.read(
            lambda tx: reading.page(tx, owner, wanted, now, Order.OLDEST, after, _PAGE)
        )


def _may_leave(each: Memory) -> bool:
    if each.secrets is SecretState.CLEARED:  # by its person, who saw all of it
        return True
    beside = (each.title, each.origin.source_id, each.origin.url, each.place.speaker, *each.tags)
    return each.secrets is SecretState.CLEAR and not any(map(inspect, beside))


def _masked(each: Memory) -> Memory:
    return replace(
        each,
        content=redact(each.content),
        title=redact(each.title),
        origin=replace(
            each.origin, source_id=redact(each.origin.source_id), url=redact(each.origin.url)
        ),
        place=replace(each.place, speaker=redact(each.place.speaker)),
        tags=tuple(map(redact, each.tags)),
    )


def _write(
    sink: Writable, pages: Iterator[Sequence[Memory]], form: ExportForm, *, redacted: bool
) -> Exported:
    lines = _json_lines if form is ExportForm.JSONL else _markdown
    written = held_back = 0
    for page in pages:
        leaving = [each for each in page if redacted or _may_leave(each)]
        for line in lines(map(_masked, leaving) if redacted else leaving):
            sink.write(line)
        written += len(leaving)
        held_back += len(page) - len(leaving)
    return Exported(written, held_back)


def _json_lines(memories: Iterable[Memory]) -> Iterator[bytes]:
    for each in memories:
        facts = {
            "id": each.id,
            "content": each.content,
            "title": each.title,
            "type": each.type.value,
            "occurred_at": each.occurred.local().isoformat(),
            "occurred_precision": each.occurred.precision.value,
            "source": each.origin.source,
            "source_id": each.origin.source_id,
            "source_url": each.origin.url,
            "speaker": each.place.speaker,
            "tags": list(each.tags),
            "domains": [domain.name for domain in each.domains],
        }
        yield canonical_json(facts) + b"\n"


def _markdown(memories: Iterable[Memory]) -> Iterator[bytes]:
    for each in memories:
        title = f": {each.title}" if each.title else ""
        tags = " ".join(f"#{tag}" for tag in each.tags)
        said = f"{each.place.speaker}: " if each.place.speaker else ""
        parts = [f"## {each.occurred.local():%Y-%m-%d %H:%M}{title}", tags, f"{said}{each.content}"]
        yield ("\n\n".join(part for part in parts if part) + "\n\n").encode()
