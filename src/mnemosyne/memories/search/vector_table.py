"""The vectors of one owner in memory, scanned as a whole: recall is 1 and an erase is immediate."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.search.words import Scores

_FIRST_ROOM: Final = 64


class VectorTable:
    """One vector for each chunk, with the number of its memory; grows, and forgets at once."""

    def __init__(self, dimensions: int) -> None:
        self._matrix = np.empty((0, dimensions), np.float32)
        self._seq = np.empty(0, np.int64)
        self._used = 0
        self._grouped: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self._used

    def replace(
        self,
        changed: NDArray[np.int64],
        seqs: NDArray[np.int64],
        vectors: NDArray[np.floating],
    ) -> None:
        """Take out the vectors of the memories ``changed`` and put in ``vectors`` of ``seqs``."""
        kept = ~np.isin(self._seq[: self._used], changed)
        if not kept.all():
            count = int(kept.sum())
            self._matrix[:count] = self._matrix[: self._used][kept]
            self._seq[:count] = self._seq[: self._used][kept]
            self._matrix[count : self._used] = 0  # what is erased does not linger
            self._used = count
        end = self._used + len(seqs)
        self._make_room(end)
        if len(seqs):
            self._matrix[self._used : end] = vectors
            self._seq[self._used : end] = seqs
        self._used = end
        self._grouped = None

    def similarities(self, vector: Scores, rows: NDArray[np.int64]) -> Scores:
        """Return the cosine of the best chunk of each memory in ``rows``, NaN where it has none.

        ``vector`` is a unit vector, shape (dimensions,); ``rows`` are numbers, ascending.
        """
        found = np.full(len(rows), np.nan, np.float32)
        if not self._used or not len(rows):
            return found
        order, starts, seqs = self._groups()
        chunks = self._matrix[: self._used] @ vector
        best = np.maximum.reduceat(chunks[order], starts)
        place = np.minimum(np.searchsorted(rows, seqs), len(rows) - 1)
        here = rows[place] == seqs
        found[place[here]] = best[here]
        return found

    def of(self, seq: int) -> Scores | None:
        """Return the vector of a memory's first chunk."""
        at = np.flatnonzero(self._seq[: self._used] == seq)
        return self._matrix[at[0]].copy() if len(at) else None

    def has(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of the memories in ``rows`` have a vector."""
        return np.isin(rows, self._groups()[2])

    def nbytes(self) -> int:
        """Return how much memory the table takes."""
        return self._matrix.nbytes + self._seq.nbytes

    def _make_room(self, needed: int) -> None:
        if needed <= len(self._seq):
            return
        # A first load takes what it needs; later additions double the room.
        room = needed if not self._used else max(needed, 2 * len(self._seq), _FIRST_ROOM)
        matrix = np.empty((room, self._matrix.shape[1]), np.float32)
        seq = np.empty(room, np.int64)
        matrix[: self._used], seq[: self._used] = (
            self._matrix[: self._used],
            self._seq[: self._used],
        )
        self._matrix, self._seq = matrix, seq

    def _groups(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
        """Return an order that brings the chunks of a memory together, and where each begins."""
        if self._grouped is None:
            order = np.argsort(self._seq[: self._used], kind="stable")
            sorted_seqs = self._seq[: self._used][order]
            seqs, starts = np.unique(sorted_seqs, return_index=True)
            self._grouped = order, starts, seqs
        return self._grouped
