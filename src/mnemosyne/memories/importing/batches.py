"""Small files and conversations are stored some at a time: each commit waits for the disk."""

from collections.abc import Generator, Iterable

from mnemosyne.memories.importing.entry import Unit

_ENTRIES = 500
_UNITS = 100
_CHARACTERS = 4 * 1024 * 1024


def in_batches(units: Iterable[Unit]) -> Generator[tuple[Unit, ...], None, None]:
    """Yield ``units`` in order, some at a time: of one source, and without an entry in common."""
    batch: list[Unit] = []
    source, ids, size = "", set[str](), 0
    for unit in units:
        own = {entry.source_id for entry in unit.entries}
        length = sum(len(entry.text) for entry in unit.entries)
        full = len(batch) >= _UNITS or len(ids | own) > _ENTRIES or size + length > _CHARACTERS
        other = bool(unit.digest and source and unit.source != source)
        if batch and (full or other or not ids.isdisjoint(own)):
            yield tuple(batch)
            batch, source, ids, size = [], "", set(), 0
        batch.append(unit)
        source = source or (unit.source if unit.digest else "")
        ids |= own
        size += length
    if batch:
        yield tuple(batch)
