"""Export a selection of memories as JSON lines or Markdown; secrets stay unless masked."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.enrichment.secrets import inspect, redact
from mnemosyne.memories.model import Filter, Memory, SecretState
from mnemosyne.memories.paging import Order, decode_cursor
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

    async def _enter(
        self,
        principal: Principal,
        path: Path,
        form: ExportForm,
        exported: Exported,
        *,
        redacted: bool,
    ) -> None:
        at = self._clock()
        facts: dict[str, object] = {
            "path": str(path),
            "form": form.value,
            "redacted": redacted,
            "written": exported.written,
        }
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
            cursor = decode_cursor(after, Order.OLDEST) if after else None
            reading_one = self._database.read(
                lambda tx, cursor=cursor: reading.page(  # type: ignore[misc]
                    tx, owner, wanted, now, Order.OLDEST, cursor, _PAGE
                )
            )
            page = asyncio.run_coroutine_threadsafe(reading_one, loop).result()
            yield page.items
            if not page.next_cursor:
                return
            after = page.next_cursor


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
    sink: BinaryIO, pages: Iterator[Sequence[Memory]], form: ExportForm, *, redacted: bool
) -> Exported:
    lines = _json_lines if form is ExportForm.JSONL else _markdown
    written = held_back = 0
    for page in pages:
        leaving = [each for each in page if redacted or _may_leave(each)]
        sink.writelines(lines(map(_masked, leaving) if redacted else leaving))
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
