"""Front matter: the few lines of YAML on top of a note, kept verbatim and read with care.

YAML is read event by event: no tags, no anchors, no types, so a bomb has nothing to expand and
“no” stays the word it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from mnemosyne.kit.text import normalise
from mnemosyne.memories.model import JsonValue

_DEEPEST = 16
_OPENING = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A note in two: ``verbatim`` (fences included) before ``body``; joined they are the note."""

    verbatim: str
    body: str
    values: dict[str, JsonValue] = field(default_factory=dict)
    problem: str = ""


class _RefusedError(ValueError):
    """Something in the YAML that a note does not need."""


def separate(text: str, largest: int) -> FrontMatter:
    """Take the front matter off ``text``; what cannot be read stays text, with a problem.

    ``largest`` bounds the front matter in bytes.
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return FrontMatter("", text)
    source = text[opening.end() : closing.start()]
    if len(source) > largest or len(source.encode()) > largest:
        # A rule on top and another far below make no front matter.
        return FrontMatter("", text, problem=f"front matter larger than {largest:,} bytes")
    try:
        value = _Builder(yaml.parse(source, Loader=yaml.BaseLoader)).document()
    # PyYAML lets ValueError and OverflowError through for "\UFFFFFFFF" and %YAML 999….
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, _RefusedError) else "is not valid YAML"
        return FrontMatter("", text, problem=f"front matter {reason}")
    if not isinstance(value, dict):  # a text between two rules
        return FrontMatter("", text)
    return FrontMatter(text[: closing.end()], text[closing.end() :], value)


class _Builder:
    """Values from events, with a bound on depth instead of trust in the parser's."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events

    def document(self) -> JsonValue:
        """Return the value of the only document."""
        value: JsonValue = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _RefusedError("holds more than one document")
                value = self.node(next(self.events), 0)
        return value

    def node(self, event: yaml.Event, depth: int) -> JsonValue:
        """Return the value that begins with ``event``."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError("uses anchors or aliases")
        if depth > _DEEPEST:
            raise _RefusedError("is nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            # An escape can write what text cannot hold: "\\0", "\\ud800".
            return normalise(str(event.value)).text
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.node(inner, depth + 1) for inner in self.until(yaml.SequenceEndEvent)]
        return self.mapping(depth)

    def mapping(self, depth: int) -> JsonValue:
        """Return a mapping with keys as lower-case text; of equal keys the last counts."""
        pairs: dict[str, JsonValue] = {}
        for event in self.until(yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            pairs[str(key).strip().lower()] = self.node(next(self.events), depth + 1)
        return pairs

    def until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        """Yield events up to the one of type ``end``; what a caller takes is not seen again."""
        for event in self.events:
            if isinstance(event, end):
                return
            yield event


def strings(value: JsonValue, separators: str = "") -> tuple[str, ...]:
    """Return the texts in ``value``, be it one, a list, or one text with ``separators``."""
    if isinstance(value, str):
        parts = re.split(f"[{re.escape(separators)}]", value) if separators else [value]
        return tuple(part.strip() for part in parts if part.strip())
    if isinstance(value, list):
        return tuple(found for item in value for found in strings(item, separators))
    return ()
