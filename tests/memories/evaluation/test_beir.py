"""BEIR folders are read, and refused where they make no sense."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnemosyne.memories.evaluation.beir import read
from mnemosyne.memories.evaluation.errors import DataSetError
from tests.memories.evaluation.data_sets import CORPUS, lines, write


def test_a_folder_gives_entries_questions_and_what_answers_them(tmp_path: Path) -> None:
    data = read(write(tmp_path / "garden"))

    assert data.name == "garden"
    first = data.documents[0]
    assert (first.id, first.speaker, first.session) == ("D3:1", "Nora", "3")
    assert first.occurred_at == datetime(2024, 3, 10, 18, tzinfo=UTC)
    assert [query.category for query in data.queries[:2]] == ["single-hop", "temporal"]
    assert data.relevant == {"q1": {"D3:3"}, "q2": {"D4:1"}, "q3": {"D5:1"}}


def test_metadata_may_be_missing(tmp_path: Path) -> None:
    folder = write(tmp_path / "plain", corpus=[{"_id": "D3:3", "text": "Cider."}])

    (document,) = read(folder).documents

    assert (document.title, document.speaker, document.occurred_at) == ("", "", None)


def test_a_judgement_on_an_entry_that_is_not_there_is_counted(tmp_path: Path) -> None:
    data = read(write(tmp_path / "garden", judgements=[("q1", "D3:3"), ("q1", "gone")]))

    assert data.relevant["q1"] == {"D3:3"}
    assert data.unknown == 1


def test_a_judgement_of_zero_is_no_evidence(tmp_path: Path) -> None:
    folder = write(tmp_path / "garden")
    (folder / "qrels" / "test.tsv").write_text("q1\tD3:3\t0\nq2\tD4:1\t2\n", encoding="utf-8")

    assert set(read(folder).relevant) == {"q2"}


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "b"}\n{oops', "line 2: this is not JSON"),
        ("corpus.jsonl", "[1]", "line 1: this is not a JSON object"),
        ("corpus.jsonl", '{"_id": "a"}', "“text” is missing or empty"),
        ("corpus.jsonl", '{"_id": "a", "text": "b", "metadata": 1}', "“metadata” is not an object"),
        (
            "corpus.jsonl",
            '{"_id": "a", "text": "b", "metadata": {"occurred_at": "May"}}',
            "“occurred_at” is not a date",
        ),
        ("queries.jsonl", '{"_id": 7, "text": "b"}', "“_id” is missing or empty"),
        ("qrels/test.tsv", "q1\tD3:3\tyes", "expected: question, entry and a number"),
        ("qrels/test.tsv", "q1 D3:3 1", "expected: question, entry and a number"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(
    tmp_path: Path, file: str, content: str, problem: str
) -> None:
    folder = write(tmp_path / "garden")
    (folder / file).write_text(content, encoding="utf-8")

    with pytest.raises(DataSetError) as refused:
        read(folder)

    assert problem in str(refused.value)
    assert file.rsplit("/", maxsplit=1)[-1] in refused.value.where


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "garden")
    (folder / "queries.jsonl").unlink()

    with pytest.raises(DataSetError, match=r"queries\.jsonl: there is no such file"):
        read(folder)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "garden")
    (folder / "corpus.jsonl").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(DataSetError, match="not UTF-8"):
        read(folder)


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "garden")
    lines(folder / "corpus.jsonl", [CORPUS[0], CORPUS[0]])

    with pytest.raises(DataSetError, match="two lines have the same"):
        read(folder)
