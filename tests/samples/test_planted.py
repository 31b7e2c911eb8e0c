"""What samples/planted.toml promises is in the diary and the chats."""

import re
from typing import Any

from mnemosyne.memories.importing.entry import Entry
from tests.samples.reading import SAMPLES, day_of

DOMAINS = [
    "technology", "science", "philosophy", "psychology", "art", "writing", "music", "health",
    "food", "home", "nature", "travel", "family", "friendship", "work", "money", "society",
    "faith", "learning", "play",
]  # fmt: skip


def test_the_word_of_the_erased_entry_is_nowhere_else(
    entries: dict[str, Entry], planted: dict[str, Any]
) -> None:
    phrase = planted["erased"]["phrase"]
    holding = [name for name, entry in entries.items() if phrase in entry.text.casefold()]
    files = [
        path.relative_to(SAMPLES).as_posix()
        for path in sorted(SAMPLES.rglob("*"))
        if path.is_file() and phrase in path.read_text(encoding="utf-8").casefold()
    ]

    assert holding == [planted["erased"]["source_id"]]
    assert entries[holding[0]].text.casefold().count(phrase) == 1
    assert files == [planted["erased"]["source_id"], "planted.toml"]


def test_one_entry_holds_a_password_and_no_other(
    entries: dict[str, Entry], planted: dict[str, Any]
) -> None:
    holding = [
        name for name, entry in entries.items() if re.search(r"(?i)password\s*[:=]", entry.text)
    ]

    assert holding == [planted["secret"]["source_id"]]


def test_telephone_numbers_are_those_of_films(entries: dict[str, Entry]) -> None:
    numbers = {
        number
        for entry in entries.values()
        for number in re.findall(r"\b\d{3}-\d{4}\b", entry.text)
    }

    assert numbers == {"555-0142", "555-0187"}


def test_whatever_is_planted_is_where_it_is_said_to_be(
    entries: dict[str, Entry], planted: dict[str, Any]
) -> None:
    named = [
        *(name for person in planted["person"] for name in person["source_ids"]),
        *(state["source_id"] for fact in planted["fact"] for state in fact["state"]),
        *(name for change in planted["change"] for name in change["source_ids"]),
        *(decision["source_id"] for decision in planted["decision"]),
        *(question["asked"] for question in planted["open_question"]),
        *(question["settled"] for question in planted["open_question"] if "settled" in question),
        *(name for names in planted["domains"].values() for name in names),
    ]

    assert [name for name in named if name not in entries] == []


def test_there_is_as_much_planted_as_the_samples_are_for(planted: dict[str, Any]) -> None:
    open_questions = planted["open_question"]
    settled = [question for question in open_questions if "settled" in question]

    assert list(planted["domains"]) == DOMAINS
    assert len(planted["change"]) >= 6
    assert len(planted["decision"]) >= 10
    assert len(settled) >= 8
    assert len(open_questions) - len(settled) >= 4
    assert sum(bool(person.get("common_word")) for person in planted["person"]) >= 1


def test_people_are_named_in_the_entries_that_are_theirs(
    entries: dict[str, Entry], planted: dict[str, Any]
) -> None:
    for person in planted["person"]:
        names = [person["name"], *person["aliases"]]
        for source_id in person["source_ids"]:
            assert any(name in entries[source_id].text for name in names), (names, source_id)


def test_later_states_and_answers_come_later(
    entries: dict[str, Entry], planted: dict[str, Any]
) -> None:
    for fact in planted["fact"]:
        dates = [state["from"] for state in fact["state"]]
        assert dates == sorted(set(dates))
        assert dates == [day_of(entries[state["source_id"]]) for state in fact["state"]]
    for change in planted["change"]:
        days = [day_of(entries[name]) for name in change["source_ids"]]
        assert days == sorted(set(days)), change["id"]
    for question in planted["open_question"]:
        if "settled" in question:
            assert day_of(entries[question["asked"]]) < day_of(entries[question["settled"]])


def test_one_fact_for_the_demo_has_different_answers_on_its_two_dates(
    planted: dict[str, Any],
) -> None:
    (fact,) = (fact for fact in planted["fact"] if fact.get("demo"))

    answers = {
        max((s for s in fact["state"] if s["from"] <= day), key=lambda s: s["from"])["value"]
        for day in fact["as_of"]
    }

    assert len(answers) == 2
