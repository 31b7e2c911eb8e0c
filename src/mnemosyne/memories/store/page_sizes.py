"""How much one answer holds: a page of long texts ends before it fills the machine's memory."""

from collections.abc import Sequence
from typing import Final

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of texts on one page; more than any page of notes or messages has."""


def too_large(size: int) -> bool:
    """Whether texts of ``size`` bytes are too many for one page."""
    return size > MOST_BYTES


def fitting(sizes: Sequence[int]) -> int:
    """Return how many of what comes first fit on a page together; the first one always does."""
    total = 0
    for number, size in enumerate(sizes):
        total += size
        if too_large(total) and number:
            return number
    return len(sizes)
