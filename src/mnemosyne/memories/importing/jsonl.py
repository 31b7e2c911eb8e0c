"""JSONL: one memory a line, with the field names that notes, chats and memory tools use."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from mnemosyne.memories.importing.entry import Entry, Problem, ReadOptions, Unit
from mnemosyne.memories.importing.json_lines import LineReader
from mnemosyne.memories.importing.limits import MIB
from mnemosyne.memories.importing.source_file import SourceFile

SUFFIXES = frozenset({".jsonl", ".ndjson"})
_LINES_AT_ONCE = 500
_BYTES_AT_ONCE = 8 * MIB
_CHUNK = MIB


@dataclass(slots=True)
class _Batch:
    """Lines that are stored in one transaction."""

    first: int
    last: int = 0
    size: int = 0
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, line: bytes, number: int) -> None:
        """Count a line as part of this batch."""
        self.digest.update(line)
        self.size += len(line)
        self.last = number

    def unit(self, source: str, name: str) -> Unit:
        """Return the finished batch; its key names a line, which stays when others follow."""
        key = f"{name}:{self.first}"
        return Unit(source, key, self.digest.hexdigest(), tuple(self.entries), tuple(self.problems))


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Files of JSON lines; some hundred lines are one unit."""

    options: ReadOptions
    source: str = "jsonl"

    def accepts(self, file: SourceFile) -> bool:
        """Tell by the suffix."""
        return file.suffix in SUFFIXES

    def count(self, file: SourceFile) -> int:
        """Return how many batches there are, going by the line ends."""
        found = 0
        with file.stream() as stream:
            while chunk := stream.read(_CHUNK):
                found += chunk.count(b"\n")
        return found // _LINES_AT_ONCE + 1

    def read(self, file: SourceFile) -> Iterator[Unit]:
        """Yield the lines in batches, in the order of the file."""
        batch = _Batch(1)
        reader = LineReader(file.name, self.options)
        with file.stream() as stream:
            for number, line in enumerate(_lines(stream, self.options.limits.line), 1):
                batch.take(line, number)
                entries, problems = reader.read(line, number)
                batch.entries.extend(entries)
                batch.problems.extend(problems)
                if number - batch.first + 1 == _LINES_AT_ONCE or batch.size > _BYTES_AT_ONCE:
                    yield batch.unit(self.source, file.name)
                    batch = _Batch(number + 1)
        if batch.last:
            yield batch.unit(self.source, file.name)


def _lines(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    """Yield lines; of one that is too long only so much that it can be seen to be."""
    while line := stream.readline(longest + 1):
        yield line
        while len(line) > longest and not line.endswith(b"\n"):
            line = stream.readline(longest + 1)
