"""A large JSON array is taken apart like the standard parser would, whatever the chunks."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.importing.json_items import Flaw, Item, items
from mnemosyne.memories.importing.limits import Limits
from tests.memories.importing.builders import Dripping
from tests.requirements import requirement

TEXTS = st.text(alphabet='"\\[]{},:é🚲a\n\ud800', max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)


def read(content: bytes, step: int = 1 << 20, limits: Limits | None = None) -> list[Item | Flaw]:
    return list(items(Dripping(content, step), limits or Limits()))


def values(found: list[Item | Flaw]) -> list[object]:
    return [item.value for item in found if isinstance(item, Item)]


@given(st.lists(OBJECTS, max_size=4), st.integers(1, 7), st.booleans())
def test_items_are_those_of_the_standard_parser(
    objects: list[dict[str, object]], step: int, ascii_only: object
) -> None:
    plain = json.dumps(objects, ensure_ascii=bool(ascii_only))
    content = plain.encode("utf-8", "replace" if not ascii_only else "strict")

    assert values(read(content, step)) == json.loads(content)


@given(st.binary(max_size=120), st.integers(1, 9))
def test_any_bytes_end_and_answer_the_same_in_any_chunks(content: bytes, step: int) -> None:
    assert values(read(content, step)) == values(read(content))


@given(st.text(alphabet='[]{}",:\\1 nul', max_size=60), st.integers(1, 5))
def test_any_brackets_end_and_answer_the_same_in_any_chunks(text: str, step: int) -> None:
    assert values(read(text.encode(), step)) == values(read(text.encode()))


@requirement("import.report")
def test_a_damaged_item_costs_only_itself(tmp_path: object) -> None:
    del tmp_path
    found = read(b'[{"a": 1}, {"b": nope}, {"c": "\xff"}, {"d": 2}]')

    assert values(found) == [{"a": 1}, {"d": 2}]
    assert [flaw.number for flaw in found if isinstance(flaw, Flaw)] == [2, 3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a JSON list"),
        (b"42", "not a JSON list"),
        (b'"text"', "not a JSON list"),
        (b'[{"a": 1}', "ends before its list"),
        (b'[{"a": "', "ends in the middle"),
        (b'[{"a": 1}] trailing', "pieces between"),
        (b'[1, {"a": 1}]', "pieces between"),
        ("[{}]".encode("utf-16"), "pieces between"),
    ],
)
def test_what_is_open_or_strange_is_told(content: bytes, reason: str) -> None:
    assert any(isinstance(flaw, Flaw) and reason in flaw.reason for flaw in read(content))


def test_objects_after_each_other_and_a_single_one_are_items() -> None:
    assert values(read(b'\xef\xbb\xbf{"a": 1}\n{"b": 2}')) == [{"a": 1}, {"b": 2}]


def test_a_hundred_thousand_brackets_are_a_flaw_and_the_rest_is_read() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    found = read(b'[{"a": ' + deep + b'}, {"b": 1}]')

    assert values(found) == [{"b": 1}]
    assert "200 levels" in next(flaw.reason for flaw in found if isinstance(flaw, Flaw))


def test_an_unclosed_depth_ends_as_one_flaw() -> None:
    (flaw,) = read(b"[" + b'{"a":' * 100_000)

    assert isinstance(flaw, Flaw)


def test_a_number_of_thousands_of_digits_is_a_flaw() -> None:
    found = read(b'[{"a": ' + b"9" * 5000 + b'}, {"b": 1}]')

    assert values(found) == [{"b": 1}]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(conversation=1000), "larger than 1,000"), (Limits(json_values=100), "100 values")],
)
def test_an_item_beyond_a_limit_is_not_parsed(limits: Limits, reason: str) -> None:
    found = read(b'[{"a": [' + b"0," * 600 + b'0]}, {"b": 1}]', 64, limits)

    assert values(found) == [{"b": 1}]
    assert reason in next(flaw.reason for flaw in found if isinstance(flaw, Flaw))


def test_a_string_without_an_end_is_looked_at_once() -> None:
    content = b'[{"a": "' + b'\\"' * 2_000_000
    found = list(items(io.BytesIO(content), Limits()))

    assert [type(item) for item in found] == [Flaw]
