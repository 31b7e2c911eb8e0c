"""The questions to the samples can be answered, each in the way its kind says."""

import re
from collections import Counter
from typing import Any

from mnemosyne.memories.importing.entry import Entry
from tests.samples.reading import day_of

# Words that any two sentences may share.
SMALL_WORDS = {"a", "an", "at", "for", "in", "of", "on", "the", "to"}


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold())) - SMALL_WORDS


def test_questions_are_many_and_the_demo_asks_five_of_different_kinds(
    questions: list[dict[str, Any]],
) -> None:
    kinds = Counter(question["kind"] for question in questions)
    asked = [question["kind"] for question in questions if question.get("demo")]

    assert len({question["id"] for question in questions}) == len(questions) >= 25
    assert set(kinds) == {"words", "meaning", "names", "time", "neighbour", "script"}
    assert len(asked) == len(set(asked)) == 5


def test_what_questions_expect_exists(
    entries: dict[str, Entry], questions: list[dict[str, Any]]
) -> None:
    named = [name for question in questions for name in question["expected"]]
    named += [question["beside"] for question in questions if "beside" in question]

    assert [name for name in named if name not in entries] == []


def test_questions_of_meaning_share_no_word_with_their_answers(
    entries: dict[str, Entry], questions: list[dict[str, Any]]
) -> None:
    for question in (question for question in questions if question["kind"] == "meaning"):
        for name in question["expected"]:
            shared = words(question["text"]) & words(f"{entries[name].title} {entries[name].text}")
            assert shared == set(), (question["id"], name)


def test_questions_of_time_expect_entries_of_the_days_they_mean(
    entries: dict[str, Entry], questions: list[dict[str, Any]]
) -> None:
    for question in (question for question in questions if question["kind"] == "time"):
        for name in question["expected"]:
            assert question["from"] <= day_of(entries[name]) <= question["to"], question["id"]


def test_questions_of_neighbours_expect_the_message_that_follows(
    entries: dict[str, Entry], questions: list[dict[str, Any]]
) -> None:
    for question in (question for question in questions if question["kind"] == "neighbour"):
        beside, expected = entries[question["beside"]], entries[question["expected"][0]]
        assert question["text"] in beside.text
        assert beside.thread == expected.thread
        assert beside.position + 1 == expected.position
