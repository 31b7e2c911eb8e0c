"""Thin out near-identical hits, on request: the same sentence said ten times is one result."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mnemosyne.memories.search.words import Scores

NEARLY_THE_SAME: Final = 0.95
"""A cosine from which two texts say the same to the embedder."""


def different(seqs: Iterable[int], vector_of: Callable[[int], Scores | None]) -> Iterator[int]:
    """Yield those of ``seqs`` that are not nearly the same as one that was yielded before."""
    kept: list[Scores] = []
    for seq in seqs:
        vector = vector_of(seq)
        if vector is not None:
            if any(float(vector @ other) >= NEARLY_THE_SAME for other in kept):
                continue
            kept.append(vector)
        yield seq
