"""Why a memory was found: parts that add up to its score, and what lies behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnemosyne.memories.search.fusion import Flags, Fused
from mnemosyne.memories.search.index import SearchIndex
from mnemosyne.memories.search.threads import Rows, Threads
from mnemosyne.memories.search.weights import WORD_WEIGHTS
from mnemosyne.memories.search.words import Scores, TermHits


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score of a hit and what it is made of."""

    score: float
    parts: tuple[tuple[str, float], ...]
    """Name and value of every part that is not 0; the values add up to ``score``."""
    matched: tuple[str, ...]
    """Words of the question that the memory itself holds."""
    nearby: tuple[str, ...]
    """Words that only its neighbours in the thread hold."""
    similarity: float | None
    """Cosine between the question and the closest chunk; None for a memory without vectors."""
    neighbours: tuple[int, ...]
    """Numbers of the memories beside it that lent score, the one before first."""


def explain(
    row: int,
    fused: Fused,
    hits: Sequence[TermHits],
    similarities: Scores | None,
    index: SearchIndex,
) -> Explanation:
    """Return why ``row`` of ``index`` has its score."""
    similarity = np.nan if similarities is None else float(similarities[row])
    threads = index.threads
    lends = fused.parts["neighbours"][row] > 0 or fused.parts["answers a question"][row] > 0
    beside = [at for at in (threads.before[row], threads.after[row]) if at >= 0 and lends]
    window = _window(row, threads)
    held = {hit.term.word: _held(hit, window) for hit in hits}
    return Explanation(
        score=float(fused.total[row]),
        parts=tuple((name, float(p[row])) for name, p in fused.parts.items() if p[row]),
        matched=tuple(word for word, where in held.items() if where[0]),
        nearby=tuple(word for word, where in held.items() if not where[0] and where.any()),
        similarity=None if np.isnan(similarity) else similarity,
        neighbours=tuple(int(index.columns.seq[at]) for at in beside),
    )


def _window(row: int, threads: Threads) -> Rows:
    """Return ``row`` and after it what is within reach of it in its thread."""
    found = [row]
    for pointers in (threads.before, threads.after):
        at = row
        for _ in range(WORD_WEIGHTS.reach):
            at = int(pointers[at])
            if at < 0:
                break
            found.append(at)
    return np.array(found, np.intp)


def _held(hit: TermHits, rows: Rows) -> Flags:
    """Return which of ``rows`` hold a term."""
    if not len(hit.rows):
        return np.zeros(len(rows), np.bool_)
    place = np.minimum(np.searchsorted(hit.rows, rows), len(hit.rows) - 1)
    found: Flags = hit.rows[place] == rows
    return found
