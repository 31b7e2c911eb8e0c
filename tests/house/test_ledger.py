"""Every promise marked kept has a test, and every such test names a promise."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.ledger import citations, mismatches, row_problems
from tests.house.tree import ROOT
from tests.requirements import requirement


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    ledger = tomllib.loads((ROOT / "docs" / "requirements.toml").read_text("utf-8"))
    found: list[dict[str, Any]] = ledger["requirement"]
    return found


def test_the_ledger_is_well_formed(rows: list[dict[str, Any]]) -> None:
    assert row_problems(rows) == []


@requirement("house.ledger")
def test_ledger_and_tests_name_each_other(rows: list[dict[str, Any]]) -> None:
    assert mismatches(rows, citations(ROOT / "tests")) == []


@requirement("house.ledger")
def test_a_kept_row_without_a_test_is_found() -> None:
    kept = [{"id": "a.b", "status": "kept"}]

    assert mismatches(kept, {}) == ["a.b is kept, and no test names it"]


@requirement("house.ledger")
@pytest.mark.parametrize("status", ["planned", "deferred"])
def test_a_test_for_a_row_that_is_not_kept_is_found(status: str) -> None:
    row = [{"id": "a.b", "status": status}]

    assert mismatches(row, {"a.b": "tests/x.py:1"}) == [
        f"tests/x.py:1 names a.b, which is {status}"
    ]


def test_a_test_for_an_unknown_row_is_found() -> None:
    assert mismatches([], {"a.b": "tests/x.py:1"}) == ["tests/x.py:1 names a.b, which is unknown"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"id": "a", "sentence": "S.", "status": "planned"}, "a is planned, but for which issue?"),
        ({"id": "a", "sentence": "S.", "status": "deferred"}, "a is deferred, but why?"),
        ({"id": "a", "sentence": "S.", "status": "done"}, "a has the status 'done'"),
        ({"id": "a", "status": "kept"}, "a has no sentence"),
    ],
)
def test_a_malformed_row_is_found(row: dict[str, str], problem: str) -> None:
    assert row_problems([row]) == [problem]


def test_decorators_and_module_marks_are_both_read(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        'pytestmark = requirement("x.module")\n\n'
        '@requirement("x.first", "x.second")\ndef test_it(): ...\n'
    )

    assert sorted(citations(folder)) == ["x.first", "x.module", "x.second"]


def test_an_id_that_is_computed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("@requirement(NAME)\ndef test_it(): ...\n")

    with pytest.raises(ValueError, match="literal id"):
        citations(tmp_path)
