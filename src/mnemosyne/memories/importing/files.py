"""Read text files: one file is one unit."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mnemosyne.memories.importing.decoding import decode
from mnemosyne.memories.importing.entry import (
    Entry,
    Problem,
    ProblemKind,
    ReadOptions,
    Unit,
    only_problem,
)
from mnemosyne.memories.importing.source_file import SourceFile, read_whole

Interpretation = tuple[tuple[Entry, ...], tuple[Problem, ...]]
Interpreter = Callable[[SourceFile, str, ReadOptions], Interpretation]


@dataclass(frozen=True, slots=True)
class TextFiles:
    """Text files of one kind; ``interpreters`` says by suffix what their text means.

    A file with another suffix, named by the person, is read by the first interpreter.
    """

    source: str
    interpreters: Mapping[str, Interpreter]
    options: ReadOptions

    def accepts(self, file: SourceFile) -> bool:
        """Tell by the suffix."""
        return file.suffix in self.interpreters

    def count(self, file: SourceFile) -> int:  # noqa: ARG002 - a file is a unit
        """Return one."""
        return 1

    def read(self, file: SourceFile) -> Iterator[Unit]:
        """Yield the file as one unit."""
        first = next(iter(self.interpreters.values()))
        yield self._unit(file, self.interpreters.get(file.suffix, first))

    def _unit(self, file: SourceFile, interpreter: Interpreter) -> Unit:
        content = read_whole(file, self.options.limits.text_file)
        if isinstance(content, Problem):
            return only_problem(content)
        digest = hashlib.sha256(content).hexdigest()
        if (decoded := decode(content)) is None:
            reason = "not UTF-8 text, nor UTF-16 with a byte order mark"
            problem = Problem(ProblemKind.UNREADABLE, file.name, reason)
            return Unit(self.source, file.name, digest, (), (problem,))
        if not decoded.text.strip():
            problem = Problem(ProblemKind.SKIPPED, file.name, "empty")
            return Unit(self.source, file.name, digest, (), (problem,))
        entries, problems = interpreter(file, decoded.text, self.options)
        if decoded.replaced:
            problems = (*problems, altered(file.name, decoded.replaced))
        return Unit(self.source, file.name, digest, entries, problems)


def altered(where: str, count: int) -> Problem:
    """Return the report of characters that cannot be stored."""
    reason = "characters that cannot be stored (NUL, lone surrogates) were replaced by \ufffd"
    return Problem(ProblemKind.ALTERED, where, reason, count)
