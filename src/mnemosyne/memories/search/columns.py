"""What search keeps in memory of each row, besides its vectors; made from rows, never stored."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.search.threads import Rows


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of one owner outside the bin, ascending by number; every array has the shape (n,)."""

    seq: NDArray[np.int64]
    thread: NDArray[np.int64]
    """A code for each thread, 0 for none."""
    position: NDArray[np.int64]
    speaker: NDArray[np.int64]
    """A code for each name, 0 for none."""
    occurred: NDArray[np.int64]
    """Microseconds since 1970."""
    length: NDArray[np.float32]
    """Characters of title and text."""
    asks: NDArray[np.bool_]
    """Whether the text ends with a question."""
    dated: NDArray[np.bool_]
    """Whether the text names a date."""
    importance: NDArray[np.float32]
    half_life: NDArray[np.float32]
    """Years after which the boost for what is recent halves; pins lengthen it."""

    @classmethod
    def empty(cls) -> "Columns":
        """Return columns without a row."""
        whole = np.empty(0, np.int64)
        part = np.empty(0, np.float32)
        flag = np.empty(0, np.bool_)
        return cls(whole, whole, whole, whole, whole, part, flag, flag, part, part)

    def __len__(self) -> int:
        return len(self.seq)

    def rows_of(self, seqs: NDArray[np.int64]) -> Rows:
        """Return the rows of those of ``seqs`` that are here."""
        if not len(self.seq):
            return np.empty(0, np.intp)
        rows = np.minimum(np.searchsorted(self.seq, seqs), len(self.seq) - 1)
        found: Rows = rows[self.seq[rows] == seqs]
        return found

    def with_changes(self, changed: NDArray[np.int64], fresh: "Columns") -> "Columns":
        """Return these rows with those of ``changed`` taken out and ``fresh`` put in."""
        kept = ~np.isin(self.seq, changed)
        joined = {
            field.name: np.concatenate(
                [getattr(self, field.name)[kept], getattr(fresh, field.name)]
            )
            for field in fields(self)
        }
        order = np.argsort(joined["seq"], kind="stable")
        return replace(self, **{name: values[order] for name, values in joined.items()})

    def nbytes(self) -> int:
        """Return how much memory the columns take."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))
