"""Export a selection of memories as JSON lines or Markdown; secrets stay unless masked."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.enrichment.secrets import redact
from mnemosyne.memories.model import Filter, Memory, SecretState
from mnemosyne.memories.paging import Order, decode_cursor
from mnemosyne.memories.store import reading
from mnemosyne.safekeeping.archive_errors import ArchiveNotWrittenError
from mnemosyne.safekeeping.destination import write_whole

_PAGE: Final = 500
_MAY_LEAVE: Final = frozenset({SecretState.CLEAR, SecretState.CLEARED})


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

        Only texts that are clear or were cleared leave; with ``redacted`` all do, with their
        secrets masked.

        Raises:
            ArchiveNotWrittenError: the system refused, or there is a file already.
        """
        principal.require(Scope.MEMORY_READ)
        selected = await self._selected(principal, wanted)
        leaving = [m for m in selected if redacted or m.secrets in _MAY_LEAVE]
        shown = [_masked(each) for each in leaving] if redacted else leaving
        try:
            await asyncio.to_thread(write_whole, path, lambda sink: _write(sink, shown, form))
        except OSError as error:
            raise ArchiveNotWrittenError(path, error.strerror or str(error)) from error
        return Exported(len(leaving), len(selected) - len(leaving))

    async def _selected(self, principal: Principal, wanted: Filter) -> list[Memory]:
        found: list[Memory] = []
        now, after = self._clock(), ""
        while True:
            cursor = decode_cursor(after, Order.OLDEST) if after else None
            page = await self._database.read(
                lambda tx, cursor=cursor: reading.page(  # type: ignore[misc]
                    tx, principal.person, wanted, now, Order.OLDEST, cursor, _PAGE
                )
            )
            found += page.items
            if not page.next_cursor:
                return found
            after = page.next_cursor


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


def _write(sink: BinaryIO, memories: list[Memory], form: ExportForm) -> None:
    sink.writelines(_json_lines(memories) if form is ExportForm.JSONL else _markdown(memories))


def _json_lines(memories: list[Memory]) -> Iterator[bytes]:
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


def _markdown(memories: list[Memory]) -> Iterator[bytes]:
    for each in memories:
        title = f": {each.title}" if each.title else ""
        tags = " ".join(f"#{tag}" for tag in each.tags)
        said = f"{each.place.speaker}: " if each.place.speaker else ""
        parts = [f"## {each.occurred.local():%Y-%m-%d %H:%M}{title}", tags, f"{said}{each.content}"]
        yield ("\n\n".join(part for part in parts if part) + "\n\n").encode()
