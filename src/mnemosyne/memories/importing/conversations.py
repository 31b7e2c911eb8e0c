"""What the exports of chat programs have in common: files of conversations, and messages in order.

Each conversation is one unit and one thread; each message is one memory.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO

from mnemosyne.kit.text import normalise
from mnemosyne.memories.importing.entry import (
    Entry,
    Problem,
    ProblemKind,
    ReadOptions,
    Unit,
    only_problem,
)
from mnemosyne.memories.importing.files import altered
from mnemosyne.memories.importing.json_fields import clean_object, clean_text, key_of
from mnemosyne.memories.importing.json_items import Flaw, items
from mnemosyne.memories.importing.parts import fitting_title, in_thread, messages_within
from mnemosyne.memories.importing.repeats import DistinctKeys
from mnemosyne.memories.importing.source_file import SourceFile, read_at_most
from mnemosyne.memories.importing.splitting import Sizes, fitting, split
from mnemosyne.memories.model import JsonValue, MemoryType, Moment

JsonObject = Mapping[str, JsonValue]
_CHUNK = 1024 * 1024
_SNIFFED = 4 * 1024 * 1024
EXPORT_FILE = re.compile(r"conversations(?:[-_]\d+)?\.json")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as an export has it, before it is made to fit; ``lane`` names its branch."""

    id: str
    text: str
    speaker: str
    occurred: Moment | None = None
    type: MemoryType = MemoryType.MESSAGE
    title: str = ""
    url: str = ""
    lane: str = ""
    attributes: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as an export has it; ``left_out`` counts, by kind and reason."""

    id: str
    title: str
    started: Moment | None
    messages: tuple[Message, ...]
    left_out: Mapping[tuple[ProblemKind, str], int] = field(default_factory=Counter)


Interpreter = Callable[[JsonObject, ReadOptions], Conversation | None]


@dataclass(frozen=True, slots=True)
class ConversationFiles:
    """The conversations of a chat export, wherever its .json lies.

    ``sign`` is the key that each conversation has once, and that no other export has.
    """

    source: str
    interpret: Interpreter
    sign: re.Pattern[bytes]
    options: ReadOptions

    def accepts(self, file: SourceFile) -> bool:
        """Tell by the name, then by which export's sign comes first."""
        return EXPORT_FILE.fullmatch(file.basename) is not None and self.signed(file)

    def signed(self, file: SourceFile) -> bool:
        """Tell whether the beginning of ``file`` has the sign."""
        with file.stream() as stream:
            return self.sign.search(read_at_most(stream, _SNIFFED)) is not None

    def count(self, file: SourceFile) -> int:
        """Return how often the sign is in ``file``."""
        with file.stream() as stream:
            return _count(stream, self.sign, self.options.limits.total)

    def read(self, file: SourceFile) -> Iterator[Unit]:
        """Yield a unit for each conversation, in the order of the export."""
        with file.stream() as stream:
            yield from self._conversations(stream, file.basename)

    def _conversations(self, stream: IO[bytes], name: str) -> Iterator[Unit]:
        keys = DistinctKeys()
        for item in items(stream, self.options.limits):
            where = f"{name}, conversation {item.number}" if item.number else name
            if isinstance(item, Flaw):
                yield only_problem(Problem(ProblemKind.UNREADABLE, where, item.reason))
                continue
            for value in _unwrapped(item.value):
                conversation = (
                    self.interpret(value, self.options) if isinstance(value, dict) else None
                )
                if conversation is None:
                    reason = "not a conversation of this export"
                    yield only_problem(Problem(ProblemKind.UNREADABLE, where, reason))
                else:
                    yield self._unit(conversation, value, keys)

    def _unit(self, conversation: Conversation, value: JsonValue, keys: DistinctKeys) -> Unit:
        digest = canonical_digest(value)
        name = key_of(conversation.id, self.options.limits.key_characters) or digest[:32]
        key = keys.key(name, digest)
        entries, problems = _entries(replace(conversation, id=key), self.options)
        return Unit(self.source, key, digest, entries, problems)


def canonical_digest(value: JsonValue) -> str:
    """Return the SHA-256 of ``value`` as JSON with sorted keys and ASCII only."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _unwrapped(value: JsonValue) -> Iterable[JsonValue]:
    inner = value.get("conversations") if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else (value,)


def _count(stream: IO[bytes], signs: re.Pattern[bytes], most: int) -> int:
    found = read = 0
    kept = b""
    while read < most and (chunk := stream.read(_CHUNK)):
        read += len(chunk)
        matches = list(signs.finditer(window := kept + chunk))
        found += len(matches)
        kept = window[max(matches[-1].end() if matches else 0, len(window) - 64) :]
    return found


def _entries(
    conversation: Conversation, options: ReadOptions
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    found: list[Entry] = []
    positions: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    replaced = 0
    for message in conversation.messages:
        clean = normalise(message.text)
        if not clean.text.strip():
            continue
        replaced += clean.replaced
        name = key_of(message.id, options.limits.key_characters) or positions.total()
        source_id = f"{conversation.id}/{name}"
        ids[source_id] += 1
        if ids[source_id] > 1:
            source_id = f"{source_id}~{ids[source_id]}"
        entry = _entry(replace(message, text=clean.text), conversation, source_id, options)
        pieces = tuple(_pieces(entry, positions[entry.thread], options))
        positions[entry.thread] += sum(piece.thread == entry.thread for piece in pieces)
        found.extend(pieces)
    return tuple(found), tuple(_problems(conversation, ids, replaced))


def _entry(
    message: Message, conversation: Conversation, source_id: str, options: ReadOptions
) -> Entry:
    lane = key_of(message.lane, options.limits.key_characters)
    attributes = dict(message.attributes)
    if message.occurred is None and conversation.started is not None:
        attributes["date_from"] = "conversation"
    title = clean_text(message.title or conversation.title)
    return Entry(
        text=message.text,
        source_id=source_id,
        title=fitting_title(title, options.limits.title_characters),
        type=message.type,
        occurred=message.occurred or conversation.started,
        thread=f"{conversation.id}~{lane}" if lane else conversation.id,
        speaker=message.speaker,
        url=clean_text(message.url),
        attributes=clean_object(attributes),
    )


def _pieces(entry: Entry, position: int, options: ReadOptions) -> Iterator[Entry]:
    """Yield a message whole, cut only when no memory could hold it; a long document in parts."""
    if entry.type is not MemoryType.DOCUMENT:
        texts = tuple(fitting(entry.text, options.limits.memory))
        yield from messages_within(entry, texts, position)
        return
    texts = split(entry.text, Sizes(largest=options.limits.memory))
    if len(texts) == 1:
        yield replace(entry, position=position)
    else:
        yield from in_thread(entry, (replace(entry, text=text) for text in texts))


def _problems(conversation: Conversation, ids: Counter[str], replaced: int) -> Iterator[Problem]:
    where = fitting_title(clean_text(conversation.title), 80) or conversation.id
    for (kind, reason), count in conversation.left_out.items():
        yield Problem(kind, where, reason, count)
    if repeated := sum(count - 1 for count in ids.values()):
        reason = "messages that share their id with another one were kept apart"
        yield Problem(ProblemKind.UNDERSTOOD_AS_TEXT, where, reason, repeated)
    if replaced:
        yield altered(where, replaced)
