"""How good a ranking is: recall, any, all, reciprocal rank and nDCG, each in [0, 1]."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass
from math import log2
from typing import Final

DEPTH: Final = 20
"""How many results a ranking must hold for every figure to be exact."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one ranking, or means of several.

    Recall is the share of the relevant found, not whether any was; the reciprocal rank is 0 when
    none is among the first 20.
    """

    recall_at_5: float
    recall_at_10: float
    recall_at_20: float
    any_at_10: float
    all_at_10: float
    mrr: float
    ndcg_at_10: float

    def named(self) -> dict[str, float]:
        """Return the figures under the names that reports use."""
        return dict(zip(NAMES, astuple(self), strict=True))


NAMES: Final = ("recall@5", "recall@10", "recall@20", "any@10", "all@10", "mrr", "ndcg@10")


def measure(ranking: Sequence[str], relevant: AbstractSet[str]) -> Figures:
    """Return the figures of one ranking, best first, without repeats; ``relevant`` is not empty."""
    found = [each in relevant for each in ranking[:DEPTH]]
    at_10 = sum(found[:10])
    return Figures(
        recall_at_5=sum(found[:5]) / len(relevant),
        recall_at_10=at_10 / len(relevant),
        recall_at_20=sum(found) / len(relevant),
        any_at_10=float(at_10 > 0),
        all_at_10=float(at_10 == len(relevant)),
        mrr=next((1 / rank for rank, hit in enumerate(found, 1) if hit), 0.0),
        ndcg_at_10=_gain(found[:10]) / _gain([True] * min(10, len(relevant))),
    )


def mean(figures: Sequence[Figures]) -> Figures:
    """Return the mean of each figure; there is at least one."""
    columns = zip(*map(astuple, figures), strict=True)
    return Figures(*(sum(column) / len(figures) for column in columns))


def _gain(found: Sequence[bool]) -> float:
    return sum(hit / log2(rank + 1) for rank, hit in enumerate(found, 1))
