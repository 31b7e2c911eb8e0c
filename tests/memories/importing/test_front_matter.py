"""Front matter is data, never a program: bombs, types and tags find nothing to work on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.importing.front_matter import separate, strings
from tests.requirements import requirement

LARGEST = 64 * 1024
BOMB = """a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
"""


def framed(yaml: str) -> str:
    return f"---\n{yaml}\n---\nbody\n"


@requirement("import.markdown")
@pytest.mark.parametrize(
    "yaml",
    [
        BOMB,
        "a: &x 1\nb: *x",
        "<<: *missing",
        "[" * 5_000,
        "- " * 5_000,
        "a: [unclosed",
        "\ta: tab",
        "a: b\n--- {c: d}",
        'a: "\\UFFFFFFFF"',
        'a: "\\U00110000"',
        "%YAML " + "9" * 5_000 + ".1\n--- {a: b}",
        "a: \x07",
    ],
)
def test_what_a_note_does_not_need_is_left_as_text_and_reported(yaml: str) -> None:
    found = separate(framed(yaml), LARGEST)

    assert found.body == framed(yaml)
    assert found.values == {}
    assert found.problem


def test_a_tag_constructs_nothing() -> None:
    found = separate(framed("a: !!python/object/apply:os.system [echo]\nb: !!binary aGk="), LARGEST)

    assert found.values == {"a": ["echo"], "b": "aGk="}


def test_words_and_numbers_stay_the_text_they_are() -> None:
    found = separate(framed("no: no\nn: 010\nDate: 2024-01-01\nbig: " + "9" * 400), LARGEST)

    assert found.values["no"] == "no"
    assert found.values["n"] == "010"
    assert found.values["date"] == "2024-01-01"
    assert found.values["big"] == "9" * 400


@pytest.mark.parametrize("escape", ["\\0", "\\ud800", "\\uDFFF"])
def test_an_escape_cannot_bring_in_what_cannot_be_stored(escape: str) -> None:
    found = separate(framed(f'title: "a{escape}b"'), LARGEST)

    assert found.values["title"] == "a\ufffdb"


def test_front_matter_up_to_its_limit_is_read_and_beyond_it_is_text() -> None:
    fits = "x: " + "é" * ((LARGEST - 4) // 2)

    assert separate(framed(fits), LARGEST).values
    assert separate(framed(fits + "éé"), LARGEST).problem


def test_rules_around_prose_are_no_front_matter() -> None:
    text = "---\nA quotation.\n---\nmore"

    assert separate(text, LARGEST).body == text
    assert separate(text, LARGEST).problem == ""


def test_front_matter_that_never_ends_is_text() -> None:
    text = "---\ntitle: x\n" + "a: b\n" * 1000

    assert separate(text, LARGEST).body == text


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%#?,\\0uU\n \t.\u00e9", max_size=200))
def test_whatever_stands_between_the_rules_nothing_is_lost(yaml: str) -> None:
    found = separate(framed(yaml), LARGEST)

    assert found.verbatim + found.body == framed(yaml)


def test_strings_are_flattened_and_split() -> None:
    assert strings(["a, b", ["c"], None, 3], ",") == ("a", "b", "c")
    assert strings({"a": "b"}) == ()
