"""How long a search takes, beside its bare parts: encoding, scanning, asking full text."""

import os
import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np

from bench import corpus
from bench.measure import LIBRARIES, Figure, ms, percentile, timed, timed_each
from bench.vaults import Bench
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.search.question import understand
from mnemosyne.memories.store import embeddings

_TIMES = 60
_STARTS = 5
_BEST = 100


async def figures(bench: Bench, count: int) -> list[Figure]:
    """Ask questions of a vault that holds ``count`` memories with vectors."""
    app, asked = bench.application, corpus.questions(_TIMES)
    await app.search.search(bench.me, "warm up")
    whole = await timed_each(lambda n: app.search.search(bench.me, asked[n]), _TIMES)
    bare = await _bare(bench, asked)
    parts = percentile(bare, 95)
    value = percentile(whole, 95)
    words = f"encode + scan + full text {ms(parts)}"
    return [
        Figure(f"search of {count:,}, p95", ms(value), words, value / parts, 1.5),
        Figure(
            f"search of {count:,}, p50",
            ms(percentile(whole, 50)),
            f"the same {ms(percentile(bare, 50))}",
            percentile(whole, 50) / percentile(bare, 50),
            1.5,
        ),
    ]


async def _bare(bench: Bench, asked: list[str]) -> list[float]:
    """Time the three parts through nothing but their libraries, one question after another."""
    app = bench.application
    embedder = app.embedders.wanted()
    known = await app.database.read(embeddings.serving)
    if embedder is None or known is None:
        return [float("nan")]
    _, stored = await app.database.read(lambda tx: embeddings.load(tx, bench.me.person, known.id))
    matrix = stored.astype(np.float32)
    zone = app.clock().tzinfo
    assert zone is not None  # noqa: S101 - the clock is aware
    matches = [
        f'owner : "{bench.me.person}" AND ('
        + " OR ".join(
            f"({term.expression})"
            for term in understand(text, Names.of({}), app.clock(), zone).terms
        )
        + ")"
        for text in asked
    ]

    def run(driver: Any) -> list[float]:  # noqa: ANN401 - untyped driver
        numbers = iter(range(len(asked)))

        def one() -> None:
            number = next(numbers)
            scores = matrix @ embedder.embed_query(asked[number])
            np.argpartition(-scores, min(_BEST, len(scores) - 1))
            driver.execute(
                "SELECT rowid FROM memory_text WHERE memory_text MATCH ?"
                " ORDER BY bm25(memory_text, 0, 1, 1, 1, 1) LIMIT ?",
                (matches[number], _BEST),
            ).fetchall()

        return timed(one, len(asked))

    return await app.database.maintain(run)


def cold(bench: Bench, count: int) -> Figure:
    """Start a shell that searches, from nothing, unlocking by key file included."""
    environment = {
        **os.environ,
        "MNEMOSYNE_HOME": str(bench.settings.home),
        "MNEMOSYNE_KEY_FILE": str(bench.key_file),
    }
    # As in an installation: compiled once. Not in the folders of this one, which may refuse it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(bench.folder / "compiled")
    command = [sys.executable, "-m", "mnemosyne", "search", corpus.questions(1)[0]]
    value = _started(command, environment)
    bare = _started([sys.executable, "-c", f"import {LIBRARIES}"], environment)
    words = f"Python and libraries {ms(bare)}"
    name = f"cold shell search of {count:,}"
    return Figure(name, ms(value), words, value / bare, 1000, amount=value * 1000, unit="ms")


def _started(command: list[str], environment: dict[str, str]) -> float:
    """Return how long a process takes that has run once before, in seconds."""
    run = partial(subprocess.run, command, env=environment, check=True, capture_output=True)
    run()
    return percentile(timed(run, _STARTS), 50)
