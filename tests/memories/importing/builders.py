"""Small sources for the tests of importing: folders, archives, and chats as they are exported."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from mnemosyne.memories.importing.detect import Format, reader_for
from mnemosyne.memories.importing.entry import Entry, Problem, ProblemKind, ReadOptions, Unit
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.model import JsonValue

Tree = Mapping[str, str | bytes]


def folder(at: Path, files: Tree) -> Path:
    """Write ``files`` below ``at`` and return it."""
    for name, content in files.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return at


def archive(at: Path, files: Iterable[tuple[str | zipfile.ZipInfo, str | bytes]]) -> Path:
    """Write a .zip, whatever its names."""
    with zipfile.ZipFile(at, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return at


def units(path: Path, chosen: Format, options: ReadOptions | None = None) -> list[Unit]:
    """Read all of ``path``."""
    return list(reader_for(chosen, options or ReadOptions()).units(path))


def entries(path: Path, chosen: Format, options: ReadOptions | None = None) -> list[Entry]:
    """Read the entries of ``path``, in order."""
    return [entry for unit in units(path, chosen, options) for entry in unit.entries]


def problems(path: Path, chosen: Format, options: ReadOptions | None = None) -> list[Problem]:
    """Read the problems of ``path``, in order."""
    return [problem for unit in units(path, chosen, options) for problem in unit.problems]


def kinds(found: Iterable[Problem]) -> list[ProblemKind]:
    """Return the kinds of ``found``."""
    return [problem.kind for problem in found]


def limited(**bounds: int) -> ReadOptions:
    """Return options with smaller limits."""
    return ReadOptions(Limits(**bounds))


class Dripping(io.BytesIO):
    """A stream that gives at most ``step`` bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self.step = step

    def read(self, size: int | None = -1, /) -> bytes:
        """Give fewer bytes than asked for."""
        return super().read(self.step if size is None or size < 0 else min(size, self.step))


def node(
    name: str,
    parent: str | None,
    text: str | None,
    role: str = "user",
    **message: JsonValue,
) -> tuple[str, JsonValue]:
    """Return a node of a ChatGPT conversation; without a text it is one of its empty nodes."""
    if text is None:
        return name, {"id": name, "message": None, "parent": parent, "children": []}
    fields: dict[str, JsonValue] = {
        "id": name,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "metadata": {},
        **message,
    }
    return name, {"id": name, "message": fields, "parent": parent, "children": []}


def chat(
    *nodes: tuple[str, JsonValue], current: str | None = None, **fields: JsonValue
) -> dict[str, JsonValue]:
    """Return a conversation of ChatGPT's export."""
    return {
        "title": "Repairing a bicycle",
        "create_time": 1700000000.5,
        "mapping": dict(nodes),
        "current_node": current,
        "conversation_id": "c0ffee00-0000-4000-8000-000000000001",
        **fields,
    }


def claude_chat(*messages: JsonValue, **fields: JsonValue) -> dict[str, JsonValue]:
    """Return a conversation of Claude's export."""
    return {
        "uuid": "deadbeef-0000-4000-8000-000000000001",
        "name": "A plan for the garden",
        "created_at": "2024-03-02T10:00:00.123456Z",
        "chat_messages": list(messages),
        **fields,
    }


def export(at: Path, conversations: JsonValue, name: str = "conversations.json") -> Path:
    """Write ``conversations`` as a chat program exports them."""
    at.mkdir(parents=True, exist_ok=True)
    (at / name).write_text(json.dumps(conversations), encoding="ascii")
    return at
