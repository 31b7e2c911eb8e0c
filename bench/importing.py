"""How fast an export comes in, how fast meaning follows, and how much memory that takes."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from sqlalchemy import text

from bench import corpus
from bench.measure import LIBRARIES, Figure
from bench.vaults import Bench
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.memories.model import Draft
from mnemosyne.memories.service.importer import ImportOptions

_MIB = 1024 * 1024
_SAMPLE = 512
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes

# On Linux a process starts with the peak of the one that started it, as far as rusage is concerned.
_PEAK_OF_LIBRARIES = f"""
import {LIBRARIES}, pathlib, re, resource
status = pathlib.Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else ""
print(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


async def figures(bench: Bench, folder: Path, count: int) -> list[Figure]:
    """Import ``count`` short messages as JSON lines, then let enrichment follow to the end."""
    app = bench.application
    path = _written(folder, count)
    # What runs in the background has loaded its models: those take a second, once.
    await app.memories.capture(bench.me, Draft("warm up"), "warm")
    await app.dispatcher.drain(60)
    start = time.perf_counter()
    await app.importer.run(bench.me, path, ImportOptions())
    stored = count / (time.perf_counter() - start)
    raw = count / _bare_seconds(folder, corpus.messages(count))
    found = [
        Figure(
            "messages stored, a second",
            f"{stored:,.0f}",
            f"bare rows and full text {raw:,.0f}",
            stored / raw,
            2000,
            at_most=False,
            amount=stored,
            unit="a second",
        )
    ]
    embedder = app.embedders.wanted()
    sample = corpus.messages(min(count, _SAMPLE))
    before = 0.0 if embedder is None else _texts_a_second(embedder.embed_documents, sample)
    start = time.perf_counter()
    await app.dispatcher.drain(3600)
    followed = count / (time.perf_counter() - start)
    if embedder is not None:  # before and after, for a machine is not always as busy
        bare = (before + _texts_a_second(embedder.embed_documents, sample)) / 2
        words = f"bare encoder {bare:,.0f}"
        found.append(
            Figure(
                "texts enriched, a second",
                f"{followed:,.0f}",
                words,
                followed / bare,
                0.8,
                at_most=False,
            )
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / _MIB
    bare = _peak_of_libraries()
    words = f"Python and libraries {bare:,.0f} MiB"
    found.append(
        Figure("peak memory", f"{peak:,.0f} MiB", words, peak / bare, 400, amount=peak, unit="MiB")
    )
    return found


def _bare_seconds(folder: Path, texts: list[str]) -> float:
    """Return how long the same texts take as rows of a bare encrypted file with full text."""
    path = folder / "bare.db"
    create_file(path)
    engine = open_engine(path, bytes(32), read_only=False)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, content TEXT)"))
        connection.execute(text("CREATE VIRTUAL TABLE bare_text USING fts5(content)"))
    start = time.perf_counter()
    for first in range(0, len(texts), _SAMPLE):
        rows = [{"content": each} for each in texts[first : first + _SAMPLE]]
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO bare (content) VALUES (:content)"), rows)
            connection.execute(text("INSERT INTO bare_text (content) VALUES (:content)"), rows)
    seconds = time.perf_counter() - start
    engine.dispose()
    path.unlink()
    return seconds


def _peak_of_libraries() -> float:
    """Return the peak memory, in MiB, of a process that loads the libraries and does nothing."""
    command = [sys.executable, "-c", _PEAK_OF_LIBRARIES]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(shown) * _UNIT / _MIB


def _written(folder: Path, count: int) -> Path:
    path = folder / f"{count}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(corpus.messages(count)):
            thread, minute = divmod(number, 40)
            line = {
                "id": f"{number:032x}",
                "text": text,
                "speaker": ("Ada", "Tomás")[number % 2],
                "thread": f"thread-{thread:032x}",
                "date": f"2024-{1 + thread % 12:02}-{1 + thread % 28:02}T10:{minute:02}:00Z",
            }
            file.write(json.dumps(line) + "\n")
    return path


def _texts_a_second(embed: object, texts: list[str]) -> float:
    assert callable(embed)  # noqa: S101 - the embedder's own method
    start = time.perf_counter()
    vectors = embed(texts)
    assert np.isfinite(vectors).all()  # noqa: S101 - it did embed
    return len(texts) / (time.perf_counter() - start)
