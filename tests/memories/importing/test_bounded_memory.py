"""Memory use does not grow with the size of an export: measured in a process of its own."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memories.importing.builders import chat, claude_chat, node
from tests.requirements import requirement

MEGABYTES = 16
GROWTH = 12  # MiB: a tenth would be the price of a leak of every message
MEASURE = """
import resource, sys
from pathlib import Path
from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import ReadOptions

def peak():
    # On Linux ru_maxrss begins with the peak of the process that started this one.
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)

warm, large = map(Path, sys.argv[1:])
found = 0
for path in (warm, large):
    before = peak()
    reader = reader_for(detect(path, ReadOptions()), ReadOptions())
    reader.estimate(path)
    found = sum(len(unit.entries) for unit in reader.units(path))
print(found, peak() - before)
"""


def conversations(kind: str) -> Iterator[str]:
    for number in range(1_000_000):
        text = f"message {number} " * 120
        if kind == "chatgpt":
            nodes = [node(f"{n}", f"{n - 1}", text) for n in range(20)]
            yield json.dumps(chat(*nodes, current="19", conversation_id=f"c{number}"))
        else:
            said = [{"uuid": f"{n}", "sender": "human", "text": text} for n in range(20)]
            yield json.dumps(claude_chat(*said, uuid=f"c{number}"))


def pieces(kind: str, size: int) -> Iterator[bytes]:
    """Yield an export of about ``size`` bytes."""
    if kind == "jsonl":
        line = json.dumps({"text": "word " * 200, "thread": "t"}).encode() + b"\n"
        yield from (line for _ in range(size // len(line)))
        return
    yield b"["
    made = 0
    for conversation in conversations(kind):
        yield (b"," if made else b"") + conversation.encode()
        made += len(conversation)
        if made > size:
            break
    yield b"]"


def written(at: Path, kind: str, size: int, *, packed: bool) -> Path:
    at.mkdir()
    name = "log.jsonl" if kind == "jsonl" else "conversations.json"
    if not packed:
        with (at / name).open("wb") as file:
            file.writelines(pieces(kind, size))
        return at / name
    with (
        zipfile.ZipFile(at / "export.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=0) as archive,
        archive.open(name, "w") as member,
    ):
        for piece in pieces(kind, size):
            member.write(piece)
    return at / "export.zip"


@requirement("import.bounded")
@pytest.mark.parametrize(
    ("kind", "packed"), [("chatgpt", False), ("claude", True), ("jsonl", False)]
)
def test_a_large_export_takes_no_more_memory_than_a_small_one(
    tmp_path: Path, kind: str, *, packed: bool
) -> None:
    warm = written(tmp_path / "warm", kind, 4 * 2**20, packed=packed)
    large = written(tmp_path / "large", kind, MEGABYTES * 2**20, packed=packed)

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, warm, large], capture_output=True, text=True, check=True
    )
    found, growth = map(float, done.stdout.split())

    assert found > 6_000
    assert growth < GROWTH
