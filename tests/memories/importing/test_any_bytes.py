"""No bytes, however broken, make a reader raise anything but its documented errors."""

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.text import CONTENT_BYTES
from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ReadOptions, Unit
from mnemosyne.memories.model import JsonValue
from tests.memories.importing.builders import archive, chat, claude_chat, node

NAMES = {
    Format.MARKDOWN: "a.md",
    Format.OBSIDIAN: "a.md",
    Format.TEXT: "a.txt",
    Format.JSONL: "a.jsonl",
    Format.CHATGPT: "conversations.json",
    Format.CLAUDE: "conversations.json",
    Format.FOLDER: "a.md",
}
KEYS = st.sampled_from(
    ["id", "text", "content", "role", "author", "parts", "mapping", "message", "parent", "type",
     "create_time", "current_node", "title", "chat_messages", "sender", "uuid", "attachments",
     "file_name", "extracted_content", "thread", "position", "tags", "metadata", "url", "name",
     "input", "date", "observations", "relationType", "content_type"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, chosen: Format) -> list[Unit]:
    options = ReadOptions(all_branches=True)
    with suppress(MnemosyneError):
        detect(path, options)
        reader_for(chosen, options).estimate(path)
    try:
        return list(reader_for(chosen, options).units(path))
    except MnemosyneError:
        return []


def storable(units: list[Unit]) -> None:
    """Assert what storing relies on."""
    for unit in units:
        assert bool(unit.digest) or not unit.entries
        for entry in unit.entries:
            fields = (entry.text, entry.source_id, entry.title, entry.thread, entry.speaker)
            every = (*fields, entry.url, *entry.tags, *entry.links)
            assert not any("\0" in field for field in every)
            "".join(every).encode()
            json.dumps(entry.attributes, allow_nan=False, ensure_ascii=False).encode()
            assert 0 < len(entry.text.encode()) <= CONTENT_BYTES
            assert len(entry.title) <= 255
            assert entry.position >= 0
            assert entry.source_id
            assert unit.key
            assert entry.occurred is None or entry.occurred.at.tzinfo is not None


@pytest.mark.parametrize("chosen", list(Format))
@QUICK
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_random_bytes_are_read_or_refused(tmp_path: Path, chosen: Format, content: bytes) -> None:
    path = tmp_path / NAMES[chosen]
    path.write_bytes(content)

    storable(read(path, chosen))


@pytest.mark.parametrize("chosen", [Format.CHATGPT, Format.CLAUDE, Format.JSONL])
@QUICK
@given(value=VALUES)
def test_random_json_with_the_right_words_is_read_or_refused(
    tmp_path: Path, chosen: Format, value: JsonValue
) -> None:
    path = tmp_path / NAMES[chosen]
    wrapped: dict[Format, JsonValue] = {
        Format.CHATGPT: [{"mapping": {"a": value, "b": {"message": value, "parent": "a"}}}],
        Format.CLAUDE: [{"chat_messages": [value, value], "uuid": value}],
        Format.JSONL: {"text": "x", "more": value, "tags": value, "date": value, "id": value},
    }
    path.write_text(json.dumps(wrapped[chosen]) + "\n" + json.dumps(value))

    storable(read(path, chosen))


@pytest.mark.parametrize("seed", range(6))
def test_exports_with_damaged_bytes_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    chats = {
        Format.CHATGPT: [chat(*(node(f"{n}", f"{n - 1}", "x" * n) for n in range(20)))] * 3,
        Format.CLAUDE: [claude_chat({"uuid": "a", "sender": "human", "text": "é" * 50})] * 3,
    }
    for chosen, conversations in chats.items():
        content = bytearray(json.dumps(conversations).encode())
        for _ in range(30):
            content[chance.randrange(len(content))] = chance.randrange(256)
            path = tmp_path / NAMES[chosen]
            path.write_bytes(content)
            storable(read(path, chosen))


@pytest.mark.parametrize("seed", range(8))
def test_archives_with_damaged_bytes_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    files = [(f"n/{n}.md", f"# {n}\n" + "word " * n) for n in range(5)]
    whole = archive(tmp_path / "whole.zip", files).read_bytes()
    path = tmp_path / "damaged.zip"
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
        storable(read(path, Format.MARKDOWN))
