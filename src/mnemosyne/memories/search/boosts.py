"""Boosts: who speaks, when it happened, what is recent. They favour memories and exclude none."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.model import Pin
from mnemosyne.memories.search.words import Scores

OTHERS: Final = 0.5
"""For those whom a question names after the first, who is mostly the one it is about."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WEEK: Final = 7 * 24 * 3600 * 1e6
_YEAR: Final = 365.25 * 24 * 3600 * 1e6
HALF_LIVES: Final[Mapping[Pin, float]] = {
    Pin.NORMAL: 1,
    Pin.PROTECTED: 4,
    Pin.ANCHORED: 16,
    Pin.PERMANENT: float("inf"),
}
"""In years: after that time a memory has half of the boost for what is recent."""


def speaker_boost(
    speaker: NDArray[np.int64], people: Sequence[str], codes: Mapping[str, frozenset[int]]
) -> Scores:
    """Return 1 where the first of ``people`` speaks and less for the others.

    ``speaker`` holds a code for each row; ``codes`` those that stand for a person.
    """
    boost = np.zeros(len(speaker), np.float32)
    for place, person in enumerate(people):
        spoken = np.isin(speaker, list(codes.get(person, ())))
        boost[spoken] = np.maximum(boost[spoken], OTHERS if place else 1)
    return boost


def time_boost(occurred: NDArray[np.int64], named: Sequence[DateMention]) -> Scores:
    """Return 1 within a time that is named, falling by a factor e with each week outside of it.

    ``occurred`` is in microseconds since 1970.
    """
    boost = np.zeros(len(occurred), np.float32)
    for each in named:
        after, before = microseconds(each.after), microseconds(each.before)
        outside = np.maximum(np.maximum(after - occurred, occurred - before), 0)
        boost = np.maximum(boost, np.exp(-outside / _WEEK).astype(np.float32))
    return boost


def recency_boost(
    occurred: NDArray[np.int64], half_lives: NDArray[np.float32], now: datetime
) -> Scores:
    """Return 1 for now or later, half of it one half-life (in years) ago; pins lengthen it."""
    age = np.maximum(microseconds(now) - occurred, 0) / _YEAR
    recent: Scores = np.exp2(-age / half_lives).astype(np.float32)
    return recent


def microseconds(moment: datetime) -> int:
    """Return ``moment`` in microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND
