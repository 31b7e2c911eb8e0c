"""One JSON record as a memory: notes, chat messages, mem0 exports, MCP memory graphs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mnemosyne.memories.importing import dates
from mnemosyne.memories.importing.entry import Entry, ReadOptions
from mnemosyne.memories.importing.front_matter import strings
from mnemosyne.memories.importing.json_fields import (
    clean_object,
    clean_text,
    key_of,
    list_of,
    object_of,
    text_of,
)
from mnemosyne.memories.importing.parts import fitting_tags, fitting_title
from mnemosyne.memories.model import JsonValue, MemoryType

_TEXT = ("text", "content", "body", "memory", "message", "note")
_DATE = ("occurred_at", "timestamp", "date", "created_at", "createdat", "create_time", "time")
_ID = ("id", "uuid", "_id", "key", "message_id")
_TAGS = ("tags", "categories", "labels", "keywords")
_SPEAKER = ("speaker", "author", "role", "sender", "from")
_THREAD = ("thread", "thread_id", "conversation_id", "session_id", "sessionid", "conversation")
_TITLE = ("title", "name", "subject")
_URL = ("url", "source_url", "link")
_POSITION = ("position", "index", "turn")
_ME = frozenset({"user", "human", "me"})
_UNIQUE_LENGTH = 16  # a UUID, a hash: unique everywhere. Shorter: a number within its file.
_POSITIONS = 2**31

Fields = Mapping[str, JsonValue]


def entry_of(
    record: Fields, file: str, digest: str, options: ReadOptions
) -> tuple[Entry | None, str]:
    """Return the memory in ``record`` and what is wrong with it; without a text there is none.

    ``digest`` of the line stands for the id of a record that has none.
    """
    fields = _lowered(record)
    text = _text(fields)
    if not text.strip():
        return None, "no text: none of " + ", ".join(_TEXT)
    written = _first(fields, _DATE)
    occurred = dates.parse(written, options.zone)
    most = options.limits.key_characters
    thread = _key(text_of(_first(fields, _THREAD)), file, most)
    entry = Entry(
        text=text,
        source_id=_key(_id(fields), thread or file, most) or f"{file}/{digest[:32]}",
        title=fitting_title(_line(fields, _TITLE), options.limits.title_characters),
        type=_type(fields),
        occurred=occurred,
        thread=thread,
        position=_position(fields),
        speaker=_speaker(fields),
        tags=fitting_tags(map(clean_text, strings(_first(fields, _TAGS), ",")), options.limits),
        url=_url(fields),
    )
    entry = replace(entry, attributes=_rest(fields, entry))
    return entry, "" if occurred or written is None else "its date cannot be told for certain"


def _id(fields: Fields) -> str:
    """Return the id; an entity of a memory graph is known by its name, whatever is said of it."""
    named = text_of(_first(fields, _ID))
    if not named and fields.get("observations"):
        return "/".join((text_of(fields.get("entitytype")), text_of(fields.get("name"))))
    return named


def _key(name: str, place: str, most: int) -> str:
    """Return ``name`` as it is if it is unique everywhere, else as one of this file or thread."""
    key = key_of(name, most)
    return key if not key or len(key) >= _UNIQUE_LENGTH else f"{place}/{key}"


def _line(fields: Fields, names: Sequence[str]) -> str:
    return clean_text(text_of(_first(fields, names)))


def _lowered(record: Fields) -> Fields:
    """Return the fields by lower-case name; a chat line may wrap its message in an object."""
    fields = {key.lower(): value for key, value in record.items()}
    inner = fields.get("message")
    if isinstance(inner, dict) and not any(fields.get(key) for key in ("text", "content")):
        del fields["message"]
        fields.update((key.lower(), value) for key, value in inner.items())
    return fields


def _named(fields: Fields, names: Sequence[str]) -> str:
    return next((name for name in names if fields.get(name) not in (None, "", [])), "")


def _first(fields: Fields, names: Sequence[str]) -> JsonValue:
    return fields.get(_named(fields, names))


def _text(fields: Fields) -> str:
    if observations := list_of(fields.get("observations")):  # an entity of an MCP memory graph
        return "\n".join([text_of(fields.get("name")), *strings(list(observations))]).strip()
    if relation := text_of(fields.get("relationtype")):
        return " ".join((text_of(fields.get("from")), relation, text_of(fields.get("to"))))
    return next((words for name in _TEXT if (words := _words(fields.get(name)))), "")


def _words(value: JsonValue) -> str:
    """Return a text, or joined content blocks (``[{"type": "text", "text": …}]``)."""
    if not isinstance(value, list):
        return value if isinstance(value, str) and value.strip() else ""
    texts = (
        block if isinstance(block, str) else text_of(object_of(block).get("text"))
        for block in value
    )
    return "\n\n".join(text for text in texts if text.strip())


def _type(fields: Fields) -> MemoryType:
    written = text_of(fields.get("type"))
    if written in {MemoryType.NOTE, MemoryType.MESSAGE, MemoryType.DOCUMENT}:
        return MemoryType(written)
    said = _first(fields, _SPEAKER) is not None and _first(fields, _THREAD) is not None
    return MemoryType.MESSAGE if said or "role" in fields else MemoryType.NOTE


def _speaker(fields: Fields) -> str:
    if fields.get("relationtype"):
        return ""
    value = _first(fields, _SPEAKER)
    name = text_of(value) or text_of(object_of(value).get("name"))
    return "me" if name.lower() in _ME else clean_text(fitting_title(name, 255))


def _position(fields: Fields) -> int:
    value = _first(fields, _POSITION)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value < _POSITIONS else 0


def _url(fields: Fields) -> str:
    url = _line(fields, _URL)
    return url if url.startswith(("https://", "http://")) else ""


def _rest(fields: Fields, entry: Entry) -> dict[str, JsonValue]:
    """Keep what no field of ours could take over, so that nothing of the line is lost."""
    taken = (
        (_DATE, entry.occurred is not None),
        (_ID, bool(text_of(_first(fields, _ID)))),
        (_TAGS, bool(entry.tags)),
        (_SPEAKER, bool(entry.speaker)),
        (_THREAD, bool(entry.thread)),
        (_TITLE, bool(entry.title)),
        (_URL, bool(entry.url)),
        (_POSITION, _first(fields, _POSITION) == entry.position),
    )
    used = {name for group, held in taken if held and (name := _named(fields, group))}
    if fields.get("observations"):
        used |= {"name", "observations"}
    elif fields.get("relationtype"):
        used |= {"from", "relationtype", "to"}
    else:
        used.add(next((name for name in _TEXT if _words(fields.get(name))), ""))
    return clean_object({key: value for key, value in fields.items() if key not in used})
