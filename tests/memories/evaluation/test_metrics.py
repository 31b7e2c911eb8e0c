"""Figures equal those computed by hand."""

from dataclasses import astuple
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.evaluation.metrics import NAMES, mean, measure
from mnemosyne.memories.evaluation.report import Judged, Report
from tests.requirements import requirement


@requirement("eval.figures")
def test_figures_equal_those_computed_by_hand() -> None:
    ranking = ["x", "a", "x2", "x3", "b", "x4", "x5", "x6", "x7", "x8", "x9", "c"]

    found = measure(ranking, {"a", "b", "c", "never"})

    ideal = 1 + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    gain = 1 / log2(3) + 1 / log2(6)
    assert astuple(found) == pytest.approx((2 / 4, 2 / 4, 3 / 4, 1, 0, 1 / 2, gain / ideal))


def test_all_is_reached_when_the_last_of_the_evidence_is_the_tenth() -> None:
    ranking = [f"x{n}" for n in range(9)] + ["a"]

    assert measure(ranking, {"a"}).all_at_10 == 1
    assert measure(["x", *ranking], {"a"}).all_at_10 == 0


def test_nothing_found_is_zero_throughout() -> None:
    assert set(measure(["x"], {"a"}).named().values()) == {0}


def test_the_ideal_counts_no_more_than_ten() -> None:
    many = [str(n) for n in range(30)]

    assert measure(many, set(many)).ndcg_at_10 == pytest.approx(1)
    assert measure(many, set(many)).recall_at_10 == pytest.approx(1 / 3)


ids = st.lists(st.integers(0, 40).map(str), unique=True, max_size=25)


@given(ranking=ids, relevant=ids.filter(bool).map(frozenset))
def test_figures_lie_between_none_and_all(ranking: list[str], relevant: frozenset[str]) -> None:
    found = measure(ranking, relevant)

    assert all(0 <= value <= 1 + 1e-9 for value in found.named().values())
    assert found.recall_at_5 <= found.recall_at_10 <= found.recall_at_20
    assert found.all_at_10 <= found.recall_at_10 <= found.any_at_10


@given(relevant=ids.filter(bool))
def test_the_evidence_in_front_is_perfect(relevant: list[str]) -> None:
    found = measure(relevant, frozenset(relevant))

    assert found.mrr == found.any_at_10 == 1
    assert found.ndcg_at_10 == pytest.approx(1)


def test_the_mean_is_over_questions() -> None:
    found = mean([measure(["a"], {"a"}), measure(["x"], {"a"})])

    assert found.recall_at_10 == found.mrr == 0.5


def judged(category: str, ranking: tuple[str, ...], milliseconds: float) -> Judged:
    return Judged(
        folder="diary",
        query_id=f"{category}-{milliseconds}",
        category=category,
        relevant=frozenset({"a"}),
        ranking=ranking,
        baselines={"full_text": ("x", "a"), "dense": (), "rrf": ("a",)},
        search_ms=milliseconds,
    )


def report() -> Report:
    questions = [judged("temporal", ("a",), float(n)) for n in range(1, 20)]
    questions.append(judged("multi-hop", (), 20.0))
    return Report(tuple(questions), "minilm", 1.5, 4096, 12, 0, 0)


@requirement("eval.json")
def test_the_report_has_its_documented_keys() -> None:
    found = report().named()

    assert found["pooled"] == measure(["a"], {"a"}).named() | dict.fromkeys(NAMES, 19 / 20)
    categories = found["categories"]
    assert isinstance(categories, dict)
    assert set(categories) == {"temporal", "multi-hop"}
    assert categories["temporal"] == dict.fromkeys(NAMES, 1.0) | {"questions": 19}
    assert categories["multi-hop"] == dict.fromkeys(NAMES, 0.0) | {"questions": 1}
    assert found["search_ms"] == {"p50": 10.0, "p95": 19.0}
    assert (found["ingest_seconds"], found["index_bytes"]) == (1.5, 4096)
    assert "per_question" not in found
    per_question = report().named(questions=True)["per_question"]
    assert isinstance(per_question, list)
    assert len(per_question) == 20


def test_baselines_stand_beside_with_the_same_figures() -> None:
    baselines = report().named()["baselines"]

    assert isinstance(baselines, dict)
    assert set(baselines) == {"full_text", "dense", "rrf"}
    assert baselines["full_text"]["mrr"] == 0.5
    assert baselines["rrf"]["recall@5"] == 1
    assert baselines["dense"]["categories"]["temporal"]["recall@20"] == 0
    assert set(NAMES) < set(baselines["dense"])
