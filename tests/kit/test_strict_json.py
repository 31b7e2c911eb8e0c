import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.strict_json import StrictJsonError, parse
from tests.requirements import requirement

LARGEST = 10_000


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": [1, 2.5, "\\u00e4", true, null]}', {"a": [1, 2.5, "ä", True, None]}),
        (b" 0\n", 0),
        (b"-9007199254740991", -(2**53 - 1)),
        (b"9007199254740991", 2**53 - 1),
        (b"9007199254740991.0", 2**53 - 1),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"[[[[{{{{"', "[[[[{{{{"),
        (rb'"\"[[[[["', '"[[[[['),
        (b'{"a": {"b": 1}, "c": {"b": 1}}', {"a": {"b": 1}, "c": {"b": 1}}),
    ],
)
def test_sound_json_is_read(data: bytes, value: object) -> None:
    assert parse(data, largest=LARGEST, deepest=4) == value


def test_a_whole_number_is_one_in_any_spelling() -> None:
    found = parse(b"[3600.0, 36e2, -0.0, 2.50]", largest=LARGEST)

    assert [repr(each) for each in found] == ["3600", "3600", "0", "2.5"]


@requirement("identity.hardening")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b'{"a":1,"a":1}', "twice", id="a member twice"),
        pytest.param(rb'{"a":1,"\u0061":2}', "twice", id="a member twice in two spellings"),
        pytest.param(b'[{"b":{"a":1,"a":1}}]', "twice", id="a member twice further in"),
        pytest.param(b"NaN", "NaN", id="NaN"),
        pytest.param(b"[Infinity]", "Infinity", id="Infinity"),
        pytest.param(b"-Infinity", "Infinity", id="-Infinity"),
        pytest.param(b"9007199254740992", "2^53", id="2^53"),
        pytest.param(b"-9007199254740992", "2^53", id="-2^53"),
        pytest.param(b"9007199254740993.0", "2^53", id="2^53+1 as a decimal"),
        pytest.param(b"1e16", "2^53", id="a large exponent"),
        pytest.param(b"1e999", "2^53", id="a decimal that is infinite"),
        pytest.param(b"1" * 5000, "2^53", id="more digits than Python converts"),
        pytest.param(rb'"\ud800"', "surrogate", id="half a pair"),
        pytest.param(rb'{"a":["\udfff\ud800"]}', "surrogate", id="two halves in the wrong order"),
        pytest.param(rb'{"\ud800":1}', "surrogate", id="half a pair in a name"),
        pytest.param(b'"\xff"', "UTF-8", id="no UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', "UTF-8", id="half a pair as UTF-8"),
        pytest.param(b'"\xc0\xaf"', "UTF-8", id="an overlong form"),
        pytest.param(b"\xef\xbb\xbf{}", "Expecting value", id="a byte order mark"),
        pytest.param(b"{}{}", "Extra data", id="something behind it"),
        pytest.param(b"{} x", "Extra data", id="a word behind it"),
        pytest.param(b"{}\x00", "Extra data", id="a NUL behind it"),
        pytest.param(b"", "Expecting value", id="nothing"),
        pytest.param(b"{", "Expecting", id="half an object"),
        pytest.param(b"{'a':1}", "Expecting", id="single quotes"),
        pytest.param(b"[1,]", "", id="a comma too many"),
        pytest.param(b"01", "Extra data", id="a leading zero"),
        pytest.param(b'"\n"', "control", id="a bare control character"),
        pytest.param(b"// a\n1", "Expecting", id="a comment"),
        pytest.param(b'{"a":1', "", id="an object without end"),
    ],
)
def test_what_programs_read_differently_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(data, largest=LARGEST)

    assert reason in refused.value.reason
    assert refused.value.code == "strict-json"
    assert refused.value.reason in refused.value.why
    assert refused.value.hint
    assert not refused.value.limit


@requirement("identity.hardening")
@pytest.mark.parametrize(
    "data",
    [
        b'"' + b"a" * LARGEST + b'"',
        b"[" * 17 + b"]" * 17,
        b'{"a":' * 17 + b"1" + b"}" * 17,
        b"[" * 9000,
        b'"]]]]]]]]]]]]]]]]]",' + b"[" * 17,
        b'{"x":"\\\\",' + b'"a":[' * 17,
    ],
)
def test_size_and_depth_are_bounded_before_anything_is_parsed(data: bytes) -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(data, largest=LARGEST)

    assert refused.value.limit


@requirement("identity.hardening")
def test_what_lies_behind_the_first_bracket_too_deep_is_not_counted() -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(b"[" * 2**23, largest=2**23)

    assert "16 levels" in refused.value.reason


def test_sixteen_levels_are_allowed() -> None:
    assert parse(b"[" * 16 + b"]" * 16, largest=32) is not None


def test_closing_brackets_do_not_pay_for_opening_ones() -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(b"]" * 100 + b"[" * 17, largest=LARGEST)

    assert not refused.value.limit  # it is malformed, and no parser goes deep into it


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60)
@given(VALUES)
def test_what_is_written_canonically_is_read_as_it_was(value: Any) -> None:  # noqa: ANN401
    assert parse(canonical_json(value), largest=10**6, deepest=64) == value
    assert parse(json.dumps(value).encode(), largest=10**6, deepest=64) == value


@settings(max_examples=60)
@given(st.binary(max_size=60) | st.text('[]{}",:\\u0d8e1-. ', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_the_refusal(data: bytes) -> None:
    try:
        value = parse(data, largest=50, deepest=8)
    except StrictJsonError:
        return
    canonical_json(value)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"[1, 2]", 3),
        (b'{"a": {"b": 1, "c": "[,{"}}', 4),
        (b"[]", 2),
        (rb'["\",,,", "x"]', 3),
    ],
)
def test_values_are_counted_where_they_are_bounded(data: bytes, values: int) -> None:
    assert parse(data, largest=LARGEST, most=values) == parse(data, largest=LARGEST)

    with pytest.raises(StrictJsonError) as refused:
        parse(data, largest=LARGEST, most=values - 1)
    assert refused.value.limit


@pytest.mark.parametrize("data", [b'"' * 999, b"]" * 999, b'""' * 999, b"," * 999, b"[" * 999])
def test_what_has_more_tokens_than_so_many_values_is_given_up(data: bytes) -> None:
    with pytest.raises(StrictJsonError, match="not JSON") as refused:
        parse(data, largest=LARGEST, deepest=4, most=10)

    assert refused.value.limit
