"""Figures of an evaluation, as a person and as a program reads them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.memories.evaluation.data_sets import JUDGEMENTS, write
from tests.requirements import requirement

FIGURES = {
    *(f"recall@{n}" for n in (5, 10, 20)),
    *("any@10", "all@10", "mrr", "ndcg@10"),
}
DOCUMENTED = {
    *("pooled", "categories", "baselines", "search_ms", "ingest_seconds", "index_bytes"),
    *("entries", "questions", "without_evidence", "unknown_judgements", "embedder"),
}
CATEGORIES = ("--categories", "single-hop,temporal,adversarial")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(write(tmp_path / "tiny"))


@requirement("eval.json")
def test_the_figures_have_the_documented_keys_and_the_times_of_searches(
    bare: Cli, folder: str
) -> None:
    found = bare.json("eval", "retrieval", folder, *CATEGORIES)

    assert set(found) == DOCUMENTED
    assert set(found["pooled"]) == FIGURES
    assert set(found["categories"]) == {"single-hop", "temporal", "adversarial"}
    assert set(found["baselines"]) == {"full_text", "dense", "rrf"}
    for figures in (*found["categories"].values(), *found["baselines"].values()):
        assert set(figures) >= FIGURES
    assert set(found["search_ms"]) == {"p50", "p95"}
    assert 0 < found["search_ms"]["p50"] <= found["search_ms"]["p95"]
    assert (found["questions"], found["without_evidence"], found["entries"]) == (3, 1, 6)


@requirement("eval.json")
def test_each_question_is_given_on_request_alone(bare: Cli, folder: str) -> None:
    command = ("eval", "retrieval", folder, *CATEGORIES)

    assert "per_question" not in bare.json(*command)
    each = bare.json(*command, "--questions")["per_question"]

    assert [(one["id"], one["relevant"]) for one in each] == [(q, [d]) for q, d in JUDGEMENTS]
    for one in each:
        assert {"folder", "id", "category", "ranking", "relevant", "search_ms"} | FIGURES <= set(
            one
        )
        assert "text" not in one
        assert one["search_ms"] > 0
        assert len(one["ranking"]) == len(set(one["ranking"]))


def test_a_person_reads_a_table(bare: Cli, folder: str) -> None:
    shown = bare.ok("eval", "retrieval", folder, *CATEGORIES)

    for word in ("pooled", "temporal", "full_text", "recall@10", "p95"):
        assert word in shown


def test_a_folder_that_is_no_data_set_is_refused(bare: Cli, tmp_path: Path) -> None:
    answer = bare("eval", "retrieval", str(tmp_path))

    assert answer.code == 2
    assert "corpus.jsonl" in answer.err
