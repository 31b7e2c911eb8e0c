import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.errors import MalformedCursorError
from mnemosyne.memories.paging import Cursor, Order, decode_cursor

moments = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)


def written(*parts: object) -> bytes:
    return json.dumps(parts).encode()


@given(moments, st.integers(0, 2**63 - 1), st.sampled_from(Order))
def test_a_cursor_of_a_moment_comes_back_exactly(value: int, seq: int, order: Order) -> None:
    if order is not Order.IMPORTANCE:
        cursor = Cursor(order, value, seq)
        assert decode_cursor(cursor.encode(), order) == cursor


@given(st.floats(0, 1))
def test_a_cursor_of_an_importance_comes_back_exactly(value: float) -> None:
    cursor = Cursor(Order.IMPORTANCE, value, 7)
    assert decode_cursor(cursor.encode(), Order.IMPORTANCE) == cursor


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"\xff",
        b"null",
        written("time", 1),
        written("time", 1, 2, 3),
        written("age", 1, 2),
        written({}, 1, 2),
        written("time", "1", 2),
        written("time", None, 2),
        written("time", float("nan"), 2),
        written("time", float("inf"), 2),
        written("time", 10**30, 2),
        written("time", 1, 10**30),
        written("time", 1, -1),
        written("time", 1, float("inf")),
        written("time", 1, "x"),
        written("importance", 0.5, 2),
        Cursor(Order.TIME, 12, 3).encode()[:-3],
        b'["time",1' * 400,
        b"[" * 5000,
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedCursorError) as refused:
        decode_cursor(data, Order.TIME)

    assert refused.value.code == "malformed-cursor"
    assert refused.value.why
    assert refused.value.hint


@given(st.binary(max_size=60))
def test_no_bytes_bring_down_a_list(data: bytes) -> None:
    try:
        decode_cursor(data, Order.TIME)
    except MalformedCursorError:
        return
