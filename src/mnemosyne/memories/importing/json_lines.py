"""One line of JSONL after the other: entries, their places in their threads, and what was wrong."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mnemosyne.kit.text import normalise
from mnemosyne.memories.importing.entry import Entry, Problem, ProblemKind, ReadOptions
from mnemosyne.memories.importing.files import altered
from mnemosyne.memories.importing.json_fields import nested_beyond
from mnemosyne.memories.importing.json_items import values_at_most
from mnemosyne.memories.importing.json_records import entry_of
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.parts import messages_within
from mnemosyne.memories.importing.repeats import DistinctKeys
from mnemosyne.memories.importing.splitting import fitting
from mnemosyne.memories.model import JsonValue

_BLANK = b" \t\r\n\xef\xbb\xbf"
_THREADS = 100_000  # whose turns are counted; beyond, a message's place is its line


class _LineError(ValueError):
    """Why a line is no memory."""


@dataclass(slots=True)
class LineReader:
    """Reads the lines of one file; it remembers its ids and how far each thread has come."""

    file: str
    options: ReadOptions
    keys: DistinctKeys = field(default_factory=DistinctKeys)
    turns: Counter[str] = field(default_factory=Counter)

    def read(self, line: bytes, number: int) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
        """Return the memories of one line (more than one if it is too long for one)."""
        if not line.strip(_BLANK):
            return (), ()
        where = f"{self.file}, line {number}"
        digest = hashlib.sha256(line.strip()).hexdigest()
        try:
            record = _record(line, self.options.limits)
            entry, doubt = entry_of(record, self.file, digest, self.options)
        except _LineError as error:
            return (), (Problem(ProblemKind.UNREADABLE, where, str(error)),)
        if entry is None:
            return (), (Problem(ProblemKind.UNREADABLE, where, doubt),)
        problems = (Problem(ProblemKind.UNDERSTOOD_AS_TEXT, where, doubt),) if doubt else ()
        clean = normalise(entry.text)
        if clean.replaced:
            problems = (*problems, altered(where, clean.replaced))
        texts = tuple(fitting(clean.text, self.options.limits.memory))
        entry = replace(entry, source_id=self.keys.key(entry.source_id, digest))
        place = self._place(entry, len(texts), number)
        return tuple(messages_within(entry, texts, place)), problems

    def _place(self, entry: Entry, parts: int, number: int) -> int:
        if not entry.thread:
            return 0
        if entry.thread not in self.turns and len(self.turns) >= _THREADS:
            return entry.position or number
        place = entry.position or self.turns[entry.thread]
        self.turns[entry.thread] = place + parts
        return place


def _record(line: bytes, limits: Limits) -> Mapping[str, JsonValue]:
    if len(line) > limits.line:
        raise _LineError(f"longer than {limits.line:,} bytes")
    if values_at_most(line) > limits.line_values:
        raise _LineError(f"made of more than {limits.line_values:,} values")
    too_deep = f"nested more than {limits.json_depth} levels deep"
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _LineError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _LineError(f"not JSON: {error.msg}") from None
    except RecursionError:
        raise _LineError(too_deep) from None
    except ValueError as error:  # a number of thousands of digits
        raise _LineError(f"not readable: {error}") from None
    if not isinstance(value, dict):
        raise _LineError("not an object")
    if nested_beyond(value, limits.json_depth):
        raise _LineError(too_deep)
    return value
