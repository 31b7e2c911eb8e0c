"""What is hostile or strange in a source is stored as data, and read back, or refused."""

import json
from pathlib import Path

import pytest

from mnemosyne.memories.importing.report import Counts
from mnemosyne.memories.model import JsonValue
from mnemosyne.memories.service.memories import days
from tests.memories.importing.builders import export, folder
from tests.memories.service.importing import Vault

TURNED = "\u202egpj.txet \x1b[2J"
RECORDS: list[dict[str, JsonValue]] = [
    {"text": "the first year", "date": "0001-01-02T00:00:00+14:00"},
    {"text": "the last year", "date": "9999-12-30T00:00:00-12:00"},
    {"text": "before computers", "date": -9e9},
    {"text": "a'; DROP TABLE memory; --", "id": "'; --", "thread": '"; DELETE FROM thread'},
    {"text": TURNED, "title": "\x1b]0;x\x07", "speaker": "\u202eeve", "thread": 1},
    {"text": 'NEAR("a" b) AND OR *', "tags": ["a b", "ß" * 60, "#", "\u0130"], "index": 2**31},
    {"text": "deep", "a": json.loads("[" * 150 + "]" * 150)},
    {"text": " \t x", "url": "javascript:alert(1)", "n": 2**70, "f": 1e308},
    {"text": "\U0001f469\u200d\U0001f680 \u0bcb\u0ba9", "id": "x" * 4000, "thread": "y" * 4000},
]


async def test_strange_lines_are_stored_and_read_back(vault: Vault, tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, RECORDS))
    at = folder(tmp_path / "in", {"a.jsonl": lines})
    report = await vault.bring(at)

    assert report.counts == Counts(stored=len(RECORDS))
    assert await vault.texts() == [record["text"] for record in RECORDS]
    assert len(days(await vault.memories())) >= 4
    assert (await vault.bring(at)).counts == Counts(unchanged=len(RECORDS))


@pytest.mark.parametrize("name", ["chatgpt", "claude"])
async def test_conversations_of_nothing_but_nonsense_store_nothing(
    vault: Vault, tmp_path: Path, name: str
) -> None:
    nonsense: dict[str, JsonValue] = {
        "chatgpt": [{"mapping": {"a": {"message": {"content": {"parts": [[], {}, 7]}}}}}],
        "claude": [{"chat_messages": [{"sender": {}, "text": [], "content": "x"}]}],
    }
    report = await vault.bring(export(tmp_path / "in", nonsense[name]))

    assert report.format == name
    assert report.counts == Counts()
    assert report.problems


async def test_a_text_of_blanks_larger_than_a_memory_gives_itself_back(
    vault: Vault, tmp_path: Path
) -> None:
    text = "begin" + " " * 3_000_000 + "end"
    await vault.bring(folder(tmp_path / "in", {"a.txt": text}))
    parts = sorted(await vault.memories(), key=lambda part: part.place.position)

    assert "".join(part.content for part in parts) == text
