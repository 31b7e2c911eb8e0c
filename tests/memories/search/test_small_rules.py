"""Cursors, known people, near-identical hits, and texts that end with a question."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.errors import MalformedCursorError
from mnemosyne.memories.search.diversity import different
from mnemosyne.memories.search.paging import decode_shown, encode_shown
from mnemosyne.memories.search.people import people
from mnemosyne.memories.search.question_end import ends_with_question
from tests.requirements import requirement


@given(st.text(), st.frozensets(st.integers(1, 10**9), max_size=200))
def test_a_cursor_names_exactly_what_was_shown(question: str, shown: frozenset[int]) -> None:
    assert decode_shown(question, encode_shown(question, shown)) == shown


@pytest.mark.parametrize(
    "cursor",
    [
        b"",
        b"x",
        encode_shown("another question", [1]),
        encode_shown("a question", [1])[:-1],
        encode_shown("a question", [2**63]),
        encode_shown("a question", range(1_001)),
    ],
)
def test_anything_else_is_no_cursor(cursor: bytes) -> None:
    with pytest.raises(MalformedCursorError):
        decode_shown("a question", cursor)


@requirement("contacts.imported")
def test_speakers_are_known_by_name_and_belong_to_the_contact_of_that_name() -> None:
    known = people({"Nora Lindt": ["Nora Lindt", "Nora"]}, {"nora": 1, "Tomas": 2, "me": 3})

    assert known.speaks_as == {"Nora Lindt": {1}, "Tomas": {2}}
    assert [m.name for m in known.names.find("Nora asked Tomas about me")] == [
        "Nora Lindt",
        "Tomas",
    ]


def test_a_first_name_is_enough_unless_two_people_share_it() -> None:
    known = people({}, {"Nora Lindt": 1, "Tomas Berg": 2, "Tomas Wolf": 3, "The Team": 4})

    assert [mention.name for mention in known.names.find("Nora met Tomas")] == ["Nora Lindt"]
    assert known.names.find("who fed the dog?") == ()


def test_a_first_name_that_is_somebodys_whole_name_is_theirs() -> None:
    known = people({"Nora": ["Nora"]}, {"Nora Lindt": 1})

    assert [mention.name for mention in known.names.find("Nora?")] == ["Nora"]


def test_what_says_nearly_the_same_is_left_out() -> None:
    vectors = {1: np.array([1, 0]), 2: np.array([0.99, 0.14]), 3: np.array([0, 1]), 4: None}
    found = different([1, 2, 3, 4], lambda seq: vectors[seq])

    assert list(found) == [1, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        "How long?",
        "Really?!",
        "“Why?”",
        "お元気ですか？",
        "Look! Nice? [a photo of a heron]",
        "what؟ ",
    ],
)
def test_a_text_that_ends_by_asking_is_a_question(text: str) -> None:
    assert ends_with_question(text)


@pytest.mark.parametrize("text", ["Why? Because.", "Fine [is it?] today", "", "[a?]", "Yes."])
def test_a_text_that_ends_otherwise_is_none(text: str) -> None:
    assert not ends_with_question(text)
