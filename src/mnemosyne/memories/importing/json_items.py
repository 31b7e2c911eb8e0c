"""Take a large JSON array apart, item by item, from a stream and in bounded memory.

A scanner finds where each item ends and hands its bytes to the parser of the standard library.
Measured against a streaming parser (ijson with yajl): that one replaces a lone surrogate by “?”
without a word and gives up everything behind the first fault; here both are reported, and one
damaged conversation costs only itself. Depth and size are bounded before anything is parsed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.model import JsonValue

_CHUNK = 1024 * 1024
# A bracket, or a whole string. Possessive, so that a string without an end costs one look.
_TOKEN = re.compile(rb'[\[\]{}]|"[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)
_INSIDE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BETWEEN = b" \t\r\n,\xef\xbb\xbf"
_QUOTE = ord('"')


@dataclass(frozen=True, slots=True)
class Item:
    """One value of the array, and its number, counted from 1."""

    number: int
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Flaw:
    """What could not be read at this place of the array."""

    number: int
    reason: str


def items(stream: IO[bytes], limits: Limits) -> Iterator[Item | Flaw]:
    """Yield the members of a JSON array, or the objects that follow each other, in ``stream``.

    What was read before a fault is kept; the fault is yielded as well.
    """
    scanner = _Scanner(limits)
    while chunk := stream.read(_CHUNK):
        yield from scanner.feed(chunk)
    yield from scanner.close()


def values_at_most(piece: bytes) -> int:
    """Return a bound on the values that JSON text holds, its numbers and texts included."""
    return piece.count(b",") + piece.count(b"[") + piece.count(b"{")


class _Scanner:
    """Where in the text the stream stands: depth, inside a string or not, the item begun."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.number = 0
        self.depth = 0
        self.outer = -1  # the depth around an item: 1 in an array, 0 if the file is one object
        self.in_string = False
        self.escaped = False
        self.parts: list[bytes] = []
        self.size = 0
        self.values = 0  # at most so many are in the item at hand
        self.fault = ""
        self.strays = 0
        self.finished = False

    def feed(self, chunk: bytes) -> Iterator[Item | Flaw]:
        """Take the next bytes; yield what became complete."""
        at = self._end_of_string(chunk) if self.in_string else 0
        begun = 0  # where in this chunk the item at hand goes on
        seen = at  # up to where everything outside of items was looked at
        for token in _TOKEN.finditer(chunk, at):
            if not self._in_item():
                self._look_between(chunk[seen : token.start()])
            seen = token.end()
            if token[1] is not None:
                self._string(token, chunk)
            elif token[0] in b"[{":
                if self._open(token[0]):
                    begun = token.start()
            elif self._close_bracket():
                self._keep(chunk[begun : token.end()])
                yield self._complete()
        if self._in_item():
            self._keep(chunk[begun:])
        elif not self.in_string:
            self._look_between(chunk[seen:])

    def close(self) -> Iterator[Flaw]:
        """Yield what the end of the stream leaves open."""
        if self._in_item():
            yield Flaw(self.number, self.fault or "the file ends in the middle of it")
        elif self.outer < 0:
            yield Flaw(1, "not a JSON list or object")
        elif self.outer == 1 and not self.finished:
            yield Flaw(self.number + 1, "the file ends before its list does")
        if self.strays:
            yield Flaw(0, f"{self.strays:,} pieces between the conversations are none")

    def _in_item(self) -> bool:
        return 0 <= self.outer < self.depth and not self.finished

    def _string(self, token: re.Match[bytes], chunk: bytes) -> None:
        if not token[1]:
            self.in_string = True
            self.escaped = token.end() < len(chunk)
        if not self._in_item():
            self.strays += 1

    def _end_of_string(self, chunk: bytes) -> int:
        """Return where the string that began in an earlier chunk ends in this one."""
        match = _INSIDE.match(chunk, 1 if self.escaped else 0)
        end = match.end() if match else 0
        self.escaped = end < len(chunk) and chunk[end] != _QUOTE
        self.in_string = end >= len(chunk) or self.escaped
        return len(chunk) if self.in_string else end + 1

    def _open(self, bracket: bytes) -> bool:
        """Count an opening bracket; tell whether an item begins with it."""
        if self.outer < 0:
            self.outer = 1 if bracket == b"[" else 0
        self.depth += 1
        if self.depth - self.outer > self.limits.json_depth:
            self.fault = f"nested more than {self.limits.json_depth} levels deep"
        if self.finished:
            self.strays += 1
        if self.depth != self.outer + 1 or self.finished:
            return False
        self.number += 1
        self.parts, self.size, self.values, self.fault = [], 0, 0, ""
        return True

    def _close_bracket(self) -> bool:
        """Count a closing bracket; tell whether an item ends with it."""
        inside = self._in_item()
        self.depth = max(0, self.depth - 1)
        if self.depth == 0 and self.outer == 1:
            self.finished = True
        return inside and self.depth == self.outer

    def _keep(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self.limits.conversation:
            self.fault = f"larger than {self.limits.conversation:,} bytes"
        self.values += values_at_most(piece)
        if self.values > self.limits.json_values:
            self.fault = f"made of more than {self.limits.json_values:,} values"
        if self.fault:
            self.parts.clear()
        else:
            self.parts.append(piece)

    def _look_between(self, piece: bytes) -> None:
        if piece.strip(_BETWEEN):
            self.strays += 1

    def _complete(self) -> Item | Flaw:
        content = b"".join(self.parts)
        self.parts = []
        if self.fault:
            return Flaw(self.number, self.fault)
        try:
            return Item(self.number, json.loads(content.decode("utf-8"), strict=False))
        except UnicodeDecodeError:
            return Flaw(self.number, "not UTF-8")
        except json.JSONDecodeError as error:
            return Flaw(self.number, f"not JSON: {error.msg}")
        except (ValueError, RecursionError) as error:  # a number of thousands of digits
            return Flaw(self.number, f"not readable: {error}")
