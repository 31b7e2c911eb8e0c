"""All that search keeps in memory of one owner, and what it answers from that alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.search.boosts import recency_boost, speaker_boost, time_boost
from mnemosyne.memories.search.columns import Columns
from mnemosyne.memories.search.fusion import Fused, Signals, fuse
from mnemosyne.memories.search.question import Question
from mnemosyne.memories.search.threads import Threads
from mnemosyne.memories.search.vector_table import VectorTable
from mnemosyne.memories.search.weights import Weights
from mnemosyne.memories.search.words import (
    Scores,
    TermHits,
    normalised_lengths,
    without_repeats,
    word_scores,
    worth,
)

_CONTEXT_LENGTH = 30  # characters of speaker, date and source that full text holds of each memory


@dataclass(slots=True)
class SearchIndex:
    """Rows, threads and vectors of one owner as of position ``head`` of the change log."""

    columns: Columns
    vectors: VectorTable | None
    head: int
    threads: Threads = field(init=False)
    lengths: Scores = field(init=False)

    def __post_init__(self) -> None:
        self._derive()

    def change(self, changed: NDArray[np.int64], fresh: Columns) -> None:
        """Take over what the rows ``changed`` have become; what is not in ``fresh`` is gone."""
        self.columns = self.columns.with_changes(changed, fresh)
        self._derive()

    def hits(
        self,
        question: Question,
        found: Sequence[NDArray[np.int64]],
        speakers: Mapping[str, frozenset[int]],
    ) -> list[TermHits]:
        """Pair the terms of ``question`` with the rows that hold them.

        What a person said holds every name of that person, by whichever of them they speak.
        """
        hits = []
        for term, seqs in zip(question.terms, found, strict=True):
            rows = self.columns.rows_of(seqs)
            if codes := speakers.get(term.person):
                held = np.isin(self.columns.speaker, list(codes))
                held[rows] = True
                rows = np.flatnonzero(held)
            hits.append(TermHits(term, rows))
        return without_repeats(hits)

    def rank(
        self,
        question: Question,
        hits: Sequence[TermHits],
        similarities: Scores | None,
        speakers: Mapping[str, frozenset[int]],
        now: datetime,
        weights: Weights,
    ) -> Fused:
        """Return the score of every row; ``speakers`` gives the codes of each known person."""
        rows = self.columns
        dated = rows.dated if question.asks_when else np.zeros(len(rows), np.bool_)
        signals = Signals(
            words=word_scores(hits, self.threads, self.lengths),
            worth=worth(hits, len(rows)),
            meaning=similarities,
            speaker=speaker_boost(rows.speaker, question.people, speakers),
            time=time_boost(rows.occurred, question.dates),
            dated=dated.astype(np.float32),
            recency=recency_boost(rows.occurred, rows.half_life, now),
            importance=rows.importance,
        )
        return fuse(signals, self.threads, rows.asks, weights)

    def without_vectors(self) -> int:
        """Return how many rows wait for a vector."""
        if self.vectors is None:
            return len(self.columns)
        return int((~self.vectors.has(self.columns.seq)).sum())

    def nbytes(self) -> int:
        """Return how much memory this takes."""
        vectors = 0 if self.vectors is None else self.vectors.nbytes()
        derived = self.threads.before.nbytes + self.threads.after.nbytes + self.lengths.nbytes
        return self.columns.nbytes() + derived + vectors

    def _derive(self) -> None:
        self.threads = Threads.of(self.columns.thread, self.columns.position)
        self.lengths = normalised_lengths(self.columns.length + _CONTEXT_LENGTH, self.threads)
