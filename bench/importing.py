"""How fast an export comes in, how fast meaning follows, and how much memory that takes."""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from bench import corpus
from bench.measure import Figure
from bench.vaults import Bench
from mnemosyne.memories.model import Draft
from mnemosyne.memories.service.importer import ImportOptions

_MIB = 1024 * 1024
_SAMPLE = 512
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


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
    found = [
        Figure(
            "messages stored, a second",
            f"{stored:,.0f}",
            "bar 2,000",
            stored / 2000,
            1,
            at_most=False,
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
    found.append(Figure("peak memory, MiB", f"{peak:,.0f}", "bar 400", peak / 400, 1))
    return found


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
