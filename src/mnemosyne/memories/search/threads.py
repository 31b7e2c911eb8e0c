"""Who stands beside whom: memories of one thread, in the order in which they were said."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Threads:
    """For each row the row before and the row after it in its thread, or -1; shape (n,) each."""

    before: Rows
    after: Rows

    @classmethod
    def of(cls, thread: NDArray[np.int64], position: NDArray[np.int64]) -> "Threads":
        """Order rows by ``position`` within ``thread``; thread 0 stands for none.

        Equal positions keep the order of the rows.
        """
        before = np.full(len(thread), -1, np.intp)
        after = np.full(len(thread), -1, np.intp)
        order = np.lexsort((position, thread))
        first, second = order[:-1], order[1:]
        together = (thread[first] == thread[second]) & (thread[first] != 0)
        before[second[together]] = first[together]
        after[first[together]] = second[together]
        return cls(before, after)


def taken_from(values: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    """Return the value at each of ``rows``, 0 where the row is -1."""
    # One zero behind the values is what index -1 finds.
    beyond = np.append(values, np.float32(0))
    found: NDArray[np.float32] = beyond[rows]
    return found


def follow(pointers: Rows, rows: Rows) -> Rows:
    """Return the row that each of ``rows`` points to, -1 where there is none."""
    beyond = np.append(pointers, -1)
    found: Rows = beyond[rows]
    return found
