import re

import pytest

from tests.cli.conftest import Cli
from tests.requirements import requirement


@pytest.fixture
def diary(cli: Cli) -> Cli:
    """Remember a few things of different kinds."""
    cli.capture("We swam in the lake with Tomás", "--title", "Lake", "--when", "2025-03-12")
    cli.capture("Garlic bread with salt and rosemary", "--tag", "food", "--when", "2024-06-01")
    cli.capture("The lake was frozen over", "--when", "2023-01-15", "--importance", "0.9")
    return cli


def found(cli: Cli, *arguments: str) -> list[str]:
    return [hit["memory"]["content"] for hit in cli.json("search", *arguments)["hits"]]


def test_a_question_is_answered_with_date_text_score_and_next_command(diary: Cli) -> None:
    shown = diary.ok("search", "garlic", "bread")

    assert "1 Jun 2024" in shown
    assert "Garlic bread with salt and rosemary" in shown
    assert re.search(r"#food  score \d\.\d\d", shown)
    assert "mnemosyne get " in shown


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--after", "2025"], ["We swam in the lake with Tomás"]),
        (["--before", "2024"], ["The lake was frozen over"]),
        (["--min-importance", "0.9"], ["The lake was frozen over"]),
        (["--tag", "food"], []),
        (["--limit", "1", "--order", "oldest"], ["The lake was frozen over"]),
        (["--as-of", "2025-01-01", "--after", "2025"], ["We swam in the lake with Tomás"]),
    ],
)
def test_a_question_is_narrowed(diary: Cli, options: list[str], expected: list[str]) -> None:
    assert found(diary, "lake", *options) == expected


def test_hits_come_by_time_when_asked(diary: Cli) -> None:
    assert found(diary, "lake", "--order", "time") == [
        "We swam in the lake with Tomás",
        "The lake was frozen over",
    ]


def test_pages_of_hits_follow_each_other(diary: Cli) -> None:
    first = diary.json("search", "lake", "--limit", "1")
    second = diary.json("search", "lake", "--limit", "1", "--cursor", first["next_cursor"])

    assert first["hits"][0]["memory"]["id"] != second["hits"][0]["memory"]["id"]
    assert "--cursor" in diary.ok("search", "lake", "--limit", "1")


@requirement("search.explained")
def test_an_explanation_shows_parts_that_add_up_to_the_score(diary: Cli) -> None:
    for hit in diary.json("search", "who swam in the lake")["hits"]:
        parts = hit["explanation"]["parts"]
        assert sum(parts.values()) == pytest.approx(hit["score"])
    shown = diary.ok("search", "who swam in the lake", "--explain")

    line = next(line for line in shown.splitlines() if "  = " in line)
    parts_shown, total = line.split("  = ")
    values = [float(value) for value in re.findall(r"[+-]\d+\.\d+", parts_shown)]
    assert sum(values) == pytest.approx(float(total), abs=0.003)
    assert "words: " in shown


def test_words_that_fit_are_emphasised_on_a_terminal(
    diary: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    shown = diary.ok("search", "frozen lake")

    assert re.search(r"\x1b\[1;36mfrozen\x1b\[0m", shown)


def test_a_word_deep_in_a_long_text_is_shown_with_what_is_around_it(cli: Cli) -> None:
    cli.capture("Nothing in particular. " * 200 + "Then the walrus came ashore. " + "More. " * 200)

    shown = cli.ok("search", "walrus")

    assert "…" in shown
    assert "Then the walrus came ashore." in shown


def test_without_vectors_it_says_that_words_are_searched(diary: Cli) -> None:
    found_by_words = diary.json("search", "lake")
    assert (found_by_words["searched"], found_by_words["words_found"]) == ("words", True)
    assert "Searched by words" in diary.ok("search", "lake")


def test_a_question_that_nothing_answers_says_so(diary: Cli) -> None:
    assert "Nothing fits." in diary.ok("search", "zeppelin")


def test_hits_without_a_word_of_the_question_are_said_to_be_near_in_meaning(diary: Cli) -> None:
    if diary.json("embedder", "status")["problem"]:
        pytest.skip("no weights on this machine")
    diary.ok("reindex")

    shown = diary.ok("search", "seasoning")

    assert "None of these has a word of the question" in shown.splitlines()[1]
    assert diary.json("search", "seasoning")["words_found"] is False
    assert diary.json("search", "garlic")["words_found"] is True
    assert "None of these" not in diary.ok("search", "garlic")


def test_an_empty_question_is_refused(diary: Cli) -> None:
    assert diary("search", "  ").code == 2


def test_operators_in_a_question_are_words(diary: Cli) -> None:
    for question in ('"lake', "content:lake OR (", "lake NEAR/2 *", "-lake AND"):
        assert diary("search", "--", question).code == 0
