import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.authenticator import Authenticator, NoPasskeyError, cbor

VALUES = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=20)
@given(VALUES)
def test_what_the_device_writes_is_cbor(value: object) -> None:
    assert cbor2.loads(cbor(value)) == value


def test_a_number_too_large_and_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="64 bits"):
        cbor(2**64)
    with pytest.raises(TypeError):
        cbor(1.5)


def test_a_device_without_the_passkey_says_so() -> None:
    with pytest.raises(NoPasskeyError):
        Authenticator().get({"rpId": "mnemosyne.localhost", "challenge": "AA"}, "http://x")
