"""How well the words of a question fit a memory and what was said around it (windowed BM25).

Full text tells which memories hold a word. Here a memory also holds, in part, what its neighbours
in the thread say: an answer rarely repeats the words of its question. Rarity is counted among the
memories of the owner alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.search.question import Term
from mnemosyne.memories.search.threads import Rows, Threads, follow, taken_from
from mnemosyne.memories.search.weights import WORD_WEIGHTS, WordWeights

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TermHits:
    """The rows that hold a term, ascending."""

    term: Term
    rows: Rows


def without_repeats(hits: Sequence[TermHits]) -> list[TermHits]:
    """Drop terms that share their stem, and so their rows, with another; keep what nobody says."""
    found: dict[bytes, TermHits] = {}
    for each in hits:
        key = each.rows.tobytes() if len(each.rows) else each.term.word.encode()
        # Of “E-417” the number tells a reader more than the letter.
        if key not in found or len(found[key].term.word) == 1:
            found[key] = each
    return list(found.values())


def worth(hits: Sequence[TermHits], count: int, weights: WordWeights = WORD_WEIGHTS) -> np.float32:
    """Return what the terms are worth together: about the score of a row that says all of them."""
    return np.float32(sum(_rarity(each, count, weights) for each in hits))


def _rarity(hit: TermHits, count: int, weights: WordWeights) -> float:
    rarity = float(np.log(1 + (count - len(hit.rows) + 0.5) / (len(hit.rows) + 0.5)))
    return rarity * weights.name if hit.term.person else rarity


def normalised_lengths(
    lengths: Scores, threads: Threads, weights: WordWeights = WORD_WEIGHTS
) -> Scores:
    """Return the length of each row with its window, in units of the average; shape (n,)."""
    window = lengths.copy()
    before, after = threads.before, threads.after
    for earlier, later in _shares(weights):
        window += earlier * taken_from(lengths, before) + later * taken_from(lengths, after)
        before, after = follow(threads.before, before), follow(threads.after, after)
    average = window.mean() if len(window) else np.float32(1)
    return np.minimum(window / average, np.float32(weights.longest))


def word_scores(
    hits: Sequence[TermHits],
    threads: Threads,
    lengths: Scores,
    weights: WordWeights = WORD_WEIGHTS,
) -> Scores:
    """Return how well each row fits the terms, unbounded, 0 where no term is near; shape (n,).

    ``lengths`` come from ``normalised_lengths``.
    """
    count = len(lengths)
    scores = np.zeros(count, np.float32)
    floor = weights.saturation * (1 - weights.length + weights.length * lengths)
    for each in hits:
        if not len(each.rows):
            continue
        rows, held = _held_around(each.rows, threads, count, weights)
        saturated = held * (weights.saturation + 1) / (held + floor[rows])
        scores[rows] += np.float32(_rarity(each, count, weights)) * saturated
    return scores


def _held_around(
    rows: Rows, threads: Threads, count: int, weights: WordWeights
) -> tuple[Rows, Scores]:
    """Return which rows hold a term themselves or nearby, and how much of it each holds."""
    held = np.zeros(count, np.float32)
    held[rows] = 1
    # What a row says is heard by those after it as said before, and the other way round.
    later, earlier = rows, rows
    for said_before, said_after in _shares(weights):
        later, earlier = _there(threads.after[later]), _there(threads.before[earlier])
        held[later] += said_before
        held[earlier] += said_after
    touched = np.flatnonzero(held)
    return touched, held[touched]


def _shares(weights: WordWeights) -> list[tuple[np.float32, np.float32]]:
    """Return what a word counts at each distance when it was said before, and after."""
    fading = [weights.fading**step for step in range(weights.reach)]
    return [(np.float32(weights.before * f), np.float32(weights.after * f)) for f in fading]


def _there(rows: Rows) -> Rows:
    return rows[rows >= 0]
