"""Full text answers with the owner's memories alone, whatever stands in a question."""

from datetime import UTC
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from mnemosyne.accounts.model import Person
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.model import Moment
from mnemosyne.memories.search.full_text_document import document
from mnemosyne.memories.search.question import understand
from mnemosyne.memories.store import full_text, matching
from tests.clock import START
from tests.requirements import requirement


def index(tx: Connection, owner: str, seq: int, content: str, **context: Any) -> None:  # noqa: ANN401
    fields: dict[str, Any] = {"title": "", "speaker": "", "source": "", "tags": ()} | context
    words = document(content, occurred=Moment(START), **fields)
    full_text.put(tx, owner, [(seq, words)])


def find(tx: Connection, owner: str, question: str) -> set[int]:
    terms = understand(question, Names.of({}), START, UTC).terms
    found = matching.holding(tx, owner, [term.expression for term in terms])
    return {int(seq) for rows in found for seq in rows}


@requirement("search.words")
def test_stemmed_words_find_memories_that_hold_only_some_of_them(
    tx: Connection, person: Person
) -> None:
    index(tx, person.id, 1, "We painted the shed.")
    index(tx, person.id, 2, "A fence, at last.")
    index(tx, person.id, 3, "Nothing to see.")

    assert find(tx, person.id, "painting fences and roofs") == {1, 2}


@requirement("search.context")
def test_speaker_title_source_date_tag_and_caption_are_found_with_the_text(
    tx: Connection, person: Person
) -> None:
    index(
        tx,
        person.id,
        1,
        "Look!",
        title="Holiday",
        speaker="Nora",
        source="whatsapp",
        tags=("garden",),
        caption="a photo of a heron",
    )

    for question in ("holidays", "Nora?", "whatsapp", "March 2026", "gardens", "herons"):
        assert find(tx, person.id, question) == {1}, question


@requirement("search.scripts")
@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Das CAFÉ war zu", "cafe"),
        ("Ελλάδα", "ελλαδα"),
        ("Мой ёж спит", "еж"),
        ("昨天我们喝了绿茶", "绿茶"),
        ("昨天我们喝了绿茶", "茶"),
        ("お茶を飲む", "お茶"),
        ("我吃pizza", "pizza"),
        ("วันนี้กินข้าว", "ข้าว"),
        ("हिन्दी सीखना", "हिन्दी"),
        ("오늘은 비가 왔다", "비가"),
    ],
)
def test_words_are_found_across_accents_case_and_scripts(
    tx: Connection, person: Person, written: str, asked: str
) -> None:
    index(tx, person.id, 1, written)
    index(tx, person.id, 2, "something else, 别的")

    assert find(tx, person.id, asked) == {1}


@requirement("search.inert-query")
@pytest.mark.parametrize(
    "question",
    [
        'owner : "x" OR heron',
        'heron" OR owner:"',
        "heron NEAR shed",
        "NOT heron",
        "body: heron",
        "{body} : heron*",
        "heron AND (shed",
        "^heron + -heron",
        "heron; DROP TABLE memory_text",
    ],
)
def test_operators_quotes_and_column_names_are_plain_words(
    tx: Connection, person: Person, somebody_else: Person, question: str
) -> None:
    index(tx, person.id, 1, "The heron stood still.")
    index(tx, somebody_else.id, 2, "The heron of somebody else, their owner and body.")

    assert find(tx, person.id, question) == {1}


@requirement("search.inert-query")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=40))
def test_no_question_fails_to_parse(tx: Connection, person: Person, question: str) -> None:
    terms = understand(question, Names.of({}), START, UTC).terms

    assert find(tx, person.id, question) == set()
    assert matching.best_by_bm25(tx, person.id, [t.expression for t in terms], 5) == []


def test_numbers_come_in_order_and_none_is_an_empty_array(tx: Connection, person: Person) -> None:
    for seq in (30, 4, 100):
        index(tx, person.id, seq, "heron")

    found, nothing = matching.holding(tx, person.id, ['{body} : "heron"', '{body} : "shed"'])
    assert found.tolist() == [4, 30, 100]
    assert not nothing.tolist()
    assert nothing.dtype == np.int64


def test_the_plain_ranking_has_the_best_first(tx: Connection, person: Person) -> None:
    index(tx, person.id, 1, "heron and many other words that are of no interest at all")
    index(tx, person.id, 2, "heron heron")
    index(tx, person.id, 3, "shed")

    assert matching.best_by_bm25(tx, person.id, ['{body} : "heron"'], 5) == [2, 1]
