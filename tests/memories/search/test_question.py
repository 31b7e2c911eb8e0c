"""A question is taken apart into words, meaning, people and dates."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.search.question import MOST_TERMS, Question, understand

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
NAMES = Names.of({"Nora Lindt": ["Nora"], "Tomas": [], "陈明": []})


def ask(text: str) -> Question:
    return understand(text, NAMES, NOW, UTC)


def words(text: str) -> list[str]:
    return [term.word for term in ask(text).terms]


def test_words_without_meaning_of_their_own_are_not_looked_up() -> None:
    assert words("What did the heron eat, and why didn't it fly?") == ["heron", "eat", "fly"]


def test_a_question_of_such_words_alone_is_looked_up_as_it_is() -> None:
    assert words("Who are you?") == ["who", "are", "you"]


def test_a_name_is_kept_for_the_words_and_left_out_of_the_meaning() -> None:
    question = ask("What did Nora's brother give to Tomas?")

    assert question.people == ("Nora Lindt", "Tomas")
    assert question.meaning == "What did brother give to ?"
    assert [(t.word, t.person) for t in question.terms] == [
        ("nora", "Nora Lindt"),
        ("brother", ""),
        ("give", ""),
        ("tomas", "Tomas"),
    ]


def test_a_question_that_is_a_name_alone_keeps_its_meaning() -> None:
    assert ask("Nora?").meaning == "Nora?"


def test_scripts_without_spaces_are_looked_up_by_pairs() -> None:
    terms = {term.word: term.expression for term in ask("昨天喝茶 pizza").terms}

    assert terms["昨天"] == 'bigrams : "昨天"'
    assert terms["pizza"] == '{title body context} : "pizza"'
    assert set(terms) == {"昨天", "天喝", "喝茶", "pizza"}


def test_one_character_is_looked_up_as_the_beginning_of_a_pair() -> None:
    assert [term.expression for term in ask("茶").terms] == ['bigrams : "茶" *']


def test_dates_are_read_from_the_moment_of_asking() -> None:
    (mention,) = ask("What did I plant last May?").dates

    assert mention.after == datetime(2025, 5, 1, tzinfo=UTC)
    assert mention.before == datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["When did it snow?", "how long was it", "Wann war das?"])
def test_a_question_for_a_time_is_recognised(text: str) -> None:
    assert ask(text).asks_when


def test_other_questions_ask_for_no_time() -> None:
    assert not ask("What happened whenever it rained?").asks_when


def test_of_a_page_the_first_words_are_looked_up() -> None:
    assert len(ask(" ".join(f"word{n}" for n in range(500))).terms) == MOST_TERMS


@given(st.text())
def test_every_text_is_understood_and_every_word_is_quoted(text: str) -> None:
    for term in ask(text).terms:
        quoted = term.expression.split(" : ", 1)[1].removesuffix(" *")
        inside = quoted[1:-1]

        assert quoted[0] == quoted[-1] == '"'
        assert '"' not in inside.replace('""', "")
