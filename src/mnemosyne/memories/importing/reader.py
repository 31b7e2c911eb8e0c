"""Go through the files of a source, hand each to the format that knows it, count the rest."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from mnemosyne.memories.importing.entry import (
    Problem,
    ProblemKind,
    ReadOptions,
    Unit,
    only_problem,
)
from mnemosyne.memories.importing.errors import SourceTooLargeError, SourceUnreadableError
from mnemosyne.memories.importing.source_file import SourceFile
from mnemosyne.memories.importing.sources import opened
from mnemosyne.memories.importing.uploads import Source


class FileFormat(Protocol):
    """Knows one kind of file."""

    @property
    def source(self) -> str:
        """Return the name that memories from such files carry as their source."""

    def accepts(self, file: SourceFile) -> bool:
        """Tell whether ``file`` is of this kind."""

    def read(self, file: SourceFile) -> Iterator[Unit]:
        """Yield the units in ``file``, in bounded memory."""

    def count(self, file: SourceFile) -> int:
        """Return about how many units ``file`` holds."""


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads a file, a folder or a .zip with the first of ``formats`` that accepts each file.

    A single file is read by the first format whatever its name: the person said what it is.
    """

    formats: tuple[FileFormat, ...]
    options: ReadOptions

    @property
    def sources(self) -> tuple[str, ...]:
        """The names that the units of this reader may carry."""
        return tuple(known.source for known in self.formats)

    def units(self, path: Source) -> Generator[Unit, None, None]:
        """Yield what ``path`` holds, unit by unit, in bounded memory.

        Raises:
            SourceMissingError, SourceUnreadableError, SourceTooLargeError, DamagedArchiveError,
            UnsafeArchiveError: all before the first unit.
        """
        others, example = 0, ""
        with opened(path, self.options.limits) as files:
            for found in files:
                if isinstance(found, Problem):
                    yield only_problem(found)
                    continue
                try:
                    known = self._format(found, path)
                    if known is None:
                        others, example = others + 1, example or found.name
                    else:
                        yield from self._read(found, known, path)
                except SourceUnreadableError as error:
                    yield only_problem(Problem(ProblemKind.UNREADABLE, found.name, error.reason))
        if others:
            reason = f"files of other kinds are not read, such as {example}"
            yield only_problem(Problem(ProblemKind.ATTACHMENT, path.name, reason, others))

    def estimate(self, path: Source) -> int | None:
        """Return about how many units ``path`` holds, for a progress bar; None if unknown.

        Raises:
            SourceMissingError, SourceUnreadableError, DamagedArchiveError, UnsafeArchiveError
        """
        found = 0
        with opened(path, self.options.limits, inflate=False) as files:
            for file in files:
                # What cannot be read is told by `units`, with the reason.
                with suppress(SourceUnreadableError):
                    if isinstance(file, SourceFile) and (known := self._format(file, path)):
                        found += known.count(file)
        return found or None

    def _format(self, file: SourceFile, path: Source) -> FileFormat | None:
        alone = path.is_file() and path.suffix.lower() != ".zip"
        known = (known for known in self.formats if known.accepts(file))
        return next(known, self.formats[0] if alone else None)

    def _read(self, file: SourceFile, known: FileFormat, path: Source) -> Iterator[Unit]:
        limit = self.options.limits.total
        if file.size <= limit:
            yield from known.read(file)
        elif path.is_file():
            raise SourceTooLargeError(path.name, limit)
        else:
            reason = f"larger than {limit:,} bytes"
            yield only_problem(Problem(ProblemKind.SKIPPED, file.name, reason))
