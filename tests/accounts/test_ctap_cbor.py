import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.authenticator import cbor
from mnemosyne.accounts.ctap_cbor import CborRefusedError, check

PLAIN = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=300) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def accepts(data: bytes, items: int = 1) -> bool:
    try:
        check(data, items)
    except CborRefusedError:
        return False
    return True


def depth(value: object) -> int:
    match value:
        case list():
            return 1 + max(map(depth, value), default=0)
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case _:
            return 0


@settings(max_examples=40)
@given(PLAIN)
def test_what_authenticators_write_passes_while_it_is_not_deep(value: object) -> None:
    assert accepts(cbor(value)) is (depth(value) <= 4)


@settings(max_examples=40)
@given(PLAIN.filter(lambda value: depth(value) <= 4), st.data())
def test_what_is_cut_short_or_goes_on_is_refused(value: object, data: st.DataObject) -> None:
    written = cbor(value)

    assert not accepts(written[: data.draw(st.integers(0, len(written) - 1))])
    assert not accepts(written + b"\x00")
    assert accepts(written + b"\x00", items=2)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(written: bytes) -> None:
    accepts(written)


@pytest.mark.parametrize(
    "written",
    [b"\xc0\x00", b"\x82\xc0\x00", b"\x9f\xff", b"\x5f\x41\x00\xff", b"\x1c", b"\xf8", b""],
)
def test_tags_open_lengths_and_reserved_heads_are_refused(written: bytes) -> None:
    assert not accepts(written)


@pytest.mark.parametrize(
    ("inside", "accepted"),
    [([[[[]]]], True), ([[[[1]]]], True), ([[[[[]]]]], False), ({"a": {"b": {"c": [[]]}}}, False)],
)
def test_four_levels_are_deep_enough(inside: object, accepted: bool) -> None:  # noqa: FBT001
    assert accepts(cbor(inside)) is accepted


def test_nothing_may_follow_where_nothing_is_expected() -> None:
    assert accepts(b"", items=0)
    assert not accepts(b"\x00", items=0)
