"""From signals to one score for each memory: normalised within the question, weighed, added up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.search.threads import Rows, Threads, taken_from
from mnemosyne.memories.search.weights import WEIGHTS, Weights
from mnemosyne.memories.search.words import Scores

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of each row for one question; every array has the shape (n,)."""

    words: Scores
    """Unbounded, 0 where no word is near."""
    worth: np.float32
    """About the words of a row that says all that the question says."""
    meaning: Scores | None
    """Cosine of the best chunk, NaN where a row has no vector; None without an embedder."""
    speaker: Scores
    """1 where the first person named in the question speaks, less for another."""
    time: Scores
    """1 within a time that the question names, less with distance."""
    dated: Scores
    """1 for a text that names a date, when the question is “when”."""
    recency: Scores
    importance: Scores


@dataclass(frozen=True, slots=True)
class Fused:
    """The score of each row and the parts it is the sum of, by name; shape (n,) each."""

    total: Scores
    parts: Mapping[str, Scores]

    def best(self, count: int, eligible: Flags) -> Rows:
        """Return the ``eligible`` rows of the highest scores, the highest first, ties by row."""
        rows = np.flatnonzero(eligible)
        if 0 < count < len(rows):
            threshold = np.partition(self.total[rows], -count)[-count]
            rows = rows[self.total[rows] >= threshold]
        order = np.argsort(-self.total[rows], kind="stable")
        found: Rows = rows[order[: max(count, 0)]]
        return found


def fuse(signals: Signals, threads: Threads, asks: Flags, weights: Weights = WEIGHTS) -> Fused:
    """Return the scores of all rows; ``asks`` tells which of them end with a question."""
    evidence = _evidence(signals, weights)
    own = _sum(evidence)
    before, after = taken_from(own, threads.before), taken_from(own, threads.after)
    asked_before = taken_from(asks.astype(np.float32), threads.before)
    handed_over = asks & (threads.after >= 0)
    parts = {
        **evidence,
        "neighbours": weights.neighbour * (before + after),
        "answers a question": weights.answer * asked_before * before,
        "question": -weights.answer * handed_over * own,
        "speaker": weights.speaker * signals.speaker,
        "time": weights.time * signals.time,
        "date named": weights.dated * signals.dated,
        "recency": weights.recency * signals.recency,
        "importance": weights.importance * signals.importance,
    }
    parts = {name: part.astype(np.float32) for name, part in parts.items()}
    return Fused(_sum(parts), parts)


def _evidence(signals: Signals, weights: Weights) -> dict[str, Scores]:
    """Return words and meaning, weighed; words alone take the place of both."""
    if signals.meaning is None or np.isnan(signals.meaning).all():
        whole = weights.words + weights.meaning
        return {"words": whole * _words(signals, weights)}
    return {
        "words": weights.words * _words(signals, weights),
        "meaning": weights.meaning * _to_unit(signals.meaning, lowest=np.nanmin(signals.meaning)),
    }


def _words(signals: Signals, weights: Weights) -> Scores:
    """Scale to [0, 1]: 1 for the best row, unless it holds too little of the question."""
    if not len(signals.words):
        return signals.words
    full = max(signals.words.max(), np.float32(weights.covered) * signals.worth)
    scaled: Scores = signals.words / full if full > 0 else np.zeros_like(signals.words)
    return scaled


def _to_unit(values: Scores, lowest: np.float32) -> Scores:
    """Scale to [0, 1], ``lowest`` to 0 and the highest to 1; NaN counts as the lowest."""
    if not len(values):
        return values
    known = np.where(np.isnan(values), lowest, values)
    spread = known.max() - lowest
    if spread <= 0:
        return np.zeros_like(known)
    scaled: Scores = (known - lowest) / spread
    return scaled


def _sum(parts: Mapping[str, Scores]) -> Scores:
    total: Scores = np.sum(np.stack(list(parts.values())), axis=0, dtype=np.float32)
    return total
