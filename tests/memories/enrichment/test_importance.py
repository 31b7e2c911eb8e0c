import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment.base_level import base_level
from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.model import Pin
from tests.requirements import requirement


@requirement("importance.prior")
def test_importance_starts_at_a_prior_that_only_length_raises() -> None:
    short, long = importance_of(len("Short")), importance_of(1200)

    assert 0 < short.value < long.value
    assert importance_of(0).value == pytest.approx(0.45)
    assert long.value == pytest.approx(0.55)
    assert importance_of(10**6).value == pytest.approx(0.55)


@requirement("importance.prior")
@pytest.mark.parametrize(("text", "like"), [("API", "abc"), ("It", "ab"), ("????", "abcd")])
def test_no_word_or_sign_gains_anything(text: str, like: str) -> None:
    assert importance_of(len(text)) == importance_of(len(like))


def test_the_persons_own_value_comes_first_and_says_so() -> None:
    own = importance_of(5000, override=0.2, opens=9, links=9)

    assert (own.value, own.reasons) == (0.2, ("user",))


def test_use_counts_more_than_links_and_reasons_add_up() -> None:
    opened, linked = importance_of(100, opens=2), importance_of(100, links=50)

    assert opened.value > linked.value
    assert opened.value == pytest.approx(0.46 + 0.3 * (1 - math.exp(-1)), abs=1e-4)
    assert [reason.split()[0] for reason in opened.reasons] == ["prior", "opened"]
    assert [reason.split()[0] for reason in linked.reasons] == ["prior", "links"]


@given(st.integers(0, 10**7), st.integers(0, 10**4), st.integers(0, 10**4))
def test_importance_lies_above_zero_and_up_to_one(length: int, opens: int, links: int) -> None:
    assert 0 < importance_of(length, opens=opens, links=links).value <= 1


def test_the_base_level_fades_gently() -> None:
    assert base_level([1, 10, 100]) == pytest.approx(0.35, abs=0.005)
    assert base_level([100]) == pytest.approx(-2.30, abs=0.005)
    assert base_level([0]) == base_level([1]) == 0
    assert base_level([]) == -math.inf


@pytest.mark.parametrize(
    ("pin", "floor"), [(Pin.PROTECTED, -2.30), (Pin.ANCHORED, -1.15), (Pin.PERMANENT, 0)]
)
def test_a_pin_keeps_the_base_level_from_falling_further(pin: Pin, floor: float) -> None:
    assert base_level([4000], pin) == floor
    assert base_level([1, 1], pin) == pytest.approx(math.log(2))


def test_protection_ends_after_a_year() -> None:
    assert base_level([4000], Pin.PROTECTED, days_pinned=365) == -2.30
    assert base_level([4000], Pin.PROTECTED, days_pinned=366) == base_level([4000])
