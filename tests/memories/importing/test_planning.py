"""The rules of importing again: ask the source first, then what the person did since."""

from datetime import UTC, datetime

import pytest

from mnemosyne.memories.importing.batches import in_batches
from mnemosyne.memories.importing.entry import Entry, Problem, ProblemKind, Unit, only_problem
from mnemosyne.memories.importing.planning import Asked, Fate, Known, decide, occurs, people_in
from mnemosyne.memories.importing.repeats import DistinctKeys
from mnemosyne.memories.importing.report import (
    Counts,
    ImportReport,
    Outcome,
    UnitReport,
    outcome_of,
)
from mnemosyne.memories.model import Moment

THEN = datetime(2024, 5, 6, tzinfo=UTC)
LATER = datetime(2025, 5, 6, tzinfo=UTC)


def known(*, current: int | None = 1, in_bin: bool = False) -> Known:
    return Known("m", b"then", 1, current, in_bin, THEN if current else None)


@pytest.mark.parametrize(
    ("before", "text_hash", "asked", "expected"),
    [
        (None, b"then", Asked(), Fate.NEW),
        (known(), b"then", Asked(), Fate.SAME),
        (known(current=2), b"then", Asked(), Fate.SAME),
        (known(), b"now", Asked(), Fate.CHANGED),
        (known(current=2), b"now", Asked(), Fate.CONFLICT),
        (known(in_bin=True), b"then", Asked(), Fate.FORGOTTEN),
        (known(in_bin=True), b"now", Asked(erased=True), Fate.FORGOTTEN),
        (known(in_bin=True), b"then", Asked(forgotten=True), Fate.SAME),
        (known(in_bin=True), b"now", Asked(forgotten=True), Fate.CHANGED),
        (known(current=None), b"now", Asked(forgotten=True), Fate.ERASED),
        (known(current=None), b"then", Asked(erased=True), Fate.NEW),
    ],
)
def test_the_fate_of_an_entry(
    before: Known | None, text_hash: bytes, asked: Asked, expected: Fate
) -> None:
    assert decide(before, text_hash, asked) is expected


def test_the_time_of_a_change_does_not_date_a_note_again() -> None:
    touched = Entry("x", "id", occurred=Moment(LATER), attributes={"date_from": "mtime"})
    named = Entry("x", "id", occurred=Moment(LATER), attributes={"date_from": "file name"})

    assert occurs(touched, known()) == THEN
    assert occurs(touched, None) == LATER
    assert occurs(named, known()) == LATER
    assert occurs(Entry("x", "id"), None) is None


def test_people_speak_in_threads_and_programs_are_none() -> None:
    said = [Entry("x", "i", speaker=name, thread="t") for name in ("Ida", "me", "Claude", "Ida")]
    others = [
        Entry("x", "i", speaker="Grep", thread="t", attributes={"tool": "grep"}),
        Entry("x", "i", speaker="Nobody"),
        Entry("x", "i", speaker="+49 151 000", thread="t"),
        Entry("x", "i", speaker="a" * 129, thread="t"),
    ]

    assert people_in([*said, *others]) == ("Ida",)


def unit(key: str, *texts: str, source: str = "markdown") -> Unit:
    return Unit(source, key, "d", tuple(Entry(text, f"{key}/{text}") for text in texts))


def keys(units: list[Unit]) -> list[list[str]]:
    return [[each.key for each in batch] for batch in in_batches(units)]


def test_small_units_are_stored_together_and_none_is_divided() -> None:
    small = [unit(f"{n}", "x") for n in range(250)]
    large = unit("large", *map(str, range(2000)))

    assert [len(batch) for batch in in_batches(small)] == [100, 100, 50]
    assert keys([small[0], large, small[1]]) == [["0"], ["large"], ["1"]]


def test_a_batch_has_one_source_and_no_entry_twice() -> None:
    told = only_problem(Problem(ProblemKind.SKIPPED, "p", "r"))
    other = unit("c", "x", source="jsonl")

    assert keys([unit("a", "x"), told, unit("b", "x"), other]) == [["a", "p", "b"], ["c"]]
    assert keys([unit("a", "x"), unit("b", "x"), unit("a", "x", "y")]) == [["a", "b"], ["a"]]
    assert keys([]) == []


def test_a_key_belongs_to_its_first_holder() -> None:
    distinct = DistinctKeys()

    assert distinct.key("a", "1" * 64) == "a"
    assert distinct.key("a", "2" * 64) == "a~" + "2" * 12
    assert distinct.key("a", "1" * 64) == "a"


@pytest.mark.parametrize(
    ("counts", "expected", "reasons"),
    [
        (Counts(stored=2, unchanged=1), Outcome.STORED, 0),
        (Counts(updated=1, stored=1), Outcome.UPDATED, 0),
        (Counts(conflicts=1, updated=1), Outcome.CONFLICT, 0),
        (Counts(returned=1, unchanged=1), Outcome.STORED, 0),
        (Counts(unchanged=3, forgotten=1), Outcome.UNCHANGED, 1),
        (Counts(forgotten=1), Outcome.SKIPPED, 1),
        (Counts(), Outcome.SKIPPED, 1),
    ],
)
def test_what_a_unit_comes_to_and_a_reason_for_what_is_left_out(
    counts: Counts, expected: Outcome, reasons: int
) -> None:
    outcome, problems = outcome_of(unit("a"), counts)

    assert outcome is expected
    assert len(problems) == reasons


def test_what_cannot_be_read_is_refused() -> None:
    broken = only_problem(Problem(ProblemKind.UNREADABLE, "a", "r"))

    assert outcome_of(broken, Counts())[0] is Outcome.REFUSED


def test_a_report_does_not_grow_without_end() -> None:
    report = ImportReport("text", dry_run=False)
    told = tuple(Problem(ProblemKind.SKIPPED, str(n), "r", count=2) for n in range(700))
    for _ in range(3):
        report.take(UnitReport("text", "k", Outcome.STORED, Counts(stored=1), told))

    assert len(report.problems) == 1000
    assert report.problem_counts[ProblemKind.SKIPPED] == 4200
    assert report.counts == Counts(stored=3)
