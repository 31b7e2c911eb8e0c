"""What an evaluation found, and its form as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnemosyne.memories.evaluation.metrics import Figures, mean, measure


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with the ranking that search gave, and the rankings of the baselines."""

    folder: str
    query_id: str
    category: str
    relevant: frozenset[str]
    ranking: tuple[str, ...]
    baselines: Mapping[str, tuple[str, ...]]
    search_ms: float

    @property
    def figures(self) -> Figures:
        """The figures of the search."""
        return measure(self.ranking, self.relevant)

    def named(self) -> dict[str, object]:
        """Return the question as JSON, without any text of the data set."""
        return {
            "folder": self.folder,
            "id": self.query_id,
            "category": self.category,
            "ranking": list(self.ranking),
            "relevant": sorted(self.relevant),
            "search_ms": self.search_ms,
            **self.figures.named(),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The questions of the chosen categories, and what it took to answer them."""

    judged: tuple[Judged, ...]
    embedder: str
    ingest_seconds: float
    index_bytes: int
    entries: int
    without_evidence: int
    unknown_judgements: int

    def named(self, *, questions: bool = False) -> dict[str, object]:
        """Return the report as JSON; each question only when ``questions`` is set."""
        found: dict[str, object] = {
            "pooled": mean([each.figures for each in self.judged]).named(),
            "categories": _by_category(self.judged, None),
            "baselines": {
                name: {
                    **_of_baseline(self.judged, name).named(),
                    "categories": _by_category(self.judged, name),
                }
                for name in self.judged[0].baselines
            },
            "search_ms": self.search_ms(),
            "ingest_seconds": self.ingest_seconds,
            "index_bytes": self.index_bytes,
            "entries": self.entries,
            "questions": len(self.judged),
            "without_evidence": self.without_evidence,
            "unknown_judgements": self.unknown_judgements,
            "embedder": self.embedder,
        }
        if questions:
            found["per_question"] = [each.named() for each in self.judged]
        return found

    def search_ms(self) -> dict[str, float]:
        """Return median and 95th percentile of the time of a search, in milliseconds."""
        times = sorted(each.search_ms for each in self.judged)
        return {"p50": _quantile(times, 0.5), "p95": _quantile(times, 0.95)}


def _by_category(judged: Sequence[Judged], baseline: str | None) -> dict[str, dict[str, float]]:
    found = {}
    for category in sorted({each.category for each in judged}):
        own = [each for each in judged if each.category == category]
        figures = (
            mean([each.figures for each in own])
            if baseline is None
            else _of_baseline(own, baseline)
        )
        found[category] = {**figures.named(), "questions": float(len(own))}
    return found


def _of_baseline(judged: Sequence[Judged], name: str) -> Figures:
    return mean([measure(each.baselines[name], each.relevant) for each in judged])


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of all do not exceed."""
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[place]
