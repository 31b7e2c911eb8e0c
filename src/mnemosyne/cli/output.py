"""The page that a command writes: aligned, quiet, without a trace of what a text might contain.

Every text that comes from memories, titles, tags, names, files or errors passes ``safe``, and none
is ever read as markup. On a pipe there is neither colour nor wrapping nor progress.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console, OverflowMethod
from rich.text import Text
from rich.theme import Theme

from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.kit.text import visible

_THEME: Final = Theme(
    {
        "quiet": "dim",
        "date": "dim",
        "id": "cyan",
        "title": "bold",
        "match": "bold cyan",
        "final": "red",  # only for what cannot be undone
        "rule": "dim",
    }
)
Advance = Callable[[int], None]
"""Say that so many more are done."""

_RULE: Final = "─" * 12
_LONGEST_LINE: Final = 96
_NARROWEST: Final = 20
_WORD: Final = re.compile(r"\S+\s*")


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """End quietly: whoever read the output has seen enough."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())  # what is flushed at the end has to go somewhere
        raise typer.Exit(ExitCode.BROKEN_PIPE)


class Page:
    """What a command prints: results to one stream, remarks and progress to the other."""

    def __init__(self) -> None:
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    def rule(self) -> None:
        """Draw the short rule above results."""
        self._out.print(Text(_RULE, "rule"))

    def line(self, *parts: str | Text, style: str = "") -> None:
        """Print one line of results; plain strings are made safe."""
        self._print(self._out, _joined(parts, style), Text())

    def body(self, text: Text, *, indent: int) -> None:
        """Print a text under its heading, wrapped on a terminal only."""
        self._print(self._out, text, Text(" " * indent), fold=True)

    def body_text(self, text: str) -> None:
        """Print a paragraph of the program's own."""
        self._print(self._out, Text(safe(text)), Text())

    def hanging(self, head: Text, text: Text) -> None:
        """Print a text after ``head``; its further lines begin where it began."""
        self._print(self._out, text, head, fold=True)

    def space(self) -> None:
        """Print an empty line."""
        self._out.print()

    def fields(self, rows: Sequence[tuple[str, str | Text]], *, indent: int = 0) -> None:
        """Print names and values in two columns."""
        width = max((cell_len(name) for name, _ in rows), default=0)
        for name, value in rows:
            label = Text(" " * indent + safe(name) + " " * (width - cell_len(name) + 2), "quiet")
            shown = value if isinstance(value, Text) else Text(safe(value))
            self._print(self._out, shown, label, words=True)

    def hint(self, text: str) -> None:
        """Name the next useful command, dim, at the end."""
        self._print(self._out, Text(safe(text), "quiet"), Text())

    def remark(self, text: str) -> None:
        """Say something beside the results, so that a pipe carries the results alone."""
        self._print(self._err, Text(safe(text), "quiet"), Text(), words=True)

    def step(self, text: str) -> None:
        """Say on a terminal what is under way; a pipe hears of results only."""
        if self._err.is_terminal:
            self.remark(text)

    def warning(self, text: str) -> None:
        """Say beside the results what cannot be undone."""
        self._print(self._err, Text(safe(text), "final"), Text())

    def document(self, value: Mapping[str, object]) -> None:
        """Print one JSON document; what could act on a terminal stands in it escaped."""
        self._out.print(Text(as_json(value)), soft_wrap=True)

    def document_line(self, value: Mapping[str, object]) -> None:
        """Print one JSON document in a line of its own, for a program that reads on."""
        self._out.print(Text(as_json(value, indent=None)), soft_wrap=True)

    @property
    def watched(self) -> bool:
        """Whether somebody could see how far something has come."""
        return self._err.is_terminal

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Advance]:
        """Show how far something long has come, on a terminal only."""
        from rich import progress as bars  # noqa: PLC0415 - for long commands alone

        with bars.Progress(
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(40),
            bars.MofNCompleteColumn(),
            console=self._err,
            transient=True,
            disable=not self._err.is_terminal,
        ) as shown:
            task = shown.add_task(what, total=total)
            yield lambda count: shown.advance(task, count)

    def _print(
        self,
        console: Console,
        text: Text,
        label: Text,
        *,
        fold: bool = False,
        words: bool = False,
    ) -> None:
        """Print ``text`` after ``label``; further lines begin where the text began.

        Unless ``fold`` is set a word stays whole, however long: it may be a path to be copied.
        Unless ``words`` is set either, so does a line, which may be a command to be copied.
        """
        indent = Text(" " * label.cell_len)
        if console.is_terminal:
            width = min(console.width, _LONGEST_LINE) - label.cell_len
            overflow: OverflowMethod = "fold" if fold else "ignore"
            width = max(width, _NARROWEST)
            wrapped = text.wrap(console, width, overflow=overflow, tab_size=4)
            lines = [part for line in wrapped for part in _between_words(line, width)]
            lines = lines if words else list(wrapped)
        else:
            lines = list(text.split("\n", allow_blank=True))
        for number, each in enumerate(lines):
            each.rstrip()
            console.print((indent if number else label) + each, soft_wrap=True)


def safe(text: str) -> str:
    """Return ``text`` with everything visible that could act on a terminal or hide."""
    return visible(text)


def flat(text: str) -> str:
    """Return ``text`` safe and on one line."""
    return visible(" ".join(text.split()))


def how_many(number: int) -> str:
    """Return a number of memories in words that agree."""
    return "1 memory" if number == 1 else f"{number:,} memories"


def how_many_entries(number: int) -> str:
    """Return a number of entries in words that agree."""
    return "1 entry" if number == 1 else f"{number:,} entries"


def said(text: str, style: str = "") -> Text:
    """Return what somebody else wrote as text that can be printed, never as markup."""
    return Text(visible(text), style)


def as_json(value: Mapping[str, object], *, indent: int | None = 2) -> str:
    """Return one JSON document in ASCII: control and direction characters are escapes in it."""
    return json.dumps(value, ensure_ascii=True, indent=indent).replace("\x7f", "\\u007f")


def _between_words(line: Text, width: int) -> Iterator[Text]:
    """Yield the parts of a line that fit into ``width`` cells; a longer word has a part alone."""
    breaks, filled = [], 0
    for word in _WORD.finditer(line.plain):
        if filled and filled + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            filled = 0
        filled += cell_len(word[0])
    yield from line.divide(breaks)


def _joined(parts: Sequence[str | Text], style: str) -> Text:
    line = Text(style=style)
    for part in parts:
        line.append_text(part if isinstance(part, Text) else Text(safe(part)))
    return line


def _console(*, stderr: bool) -> Console:
    return _Console(stderr=stderr, theme=_THEME, highlight=False, markup=False, emoji=False)
