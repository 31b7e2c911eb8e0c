"""What a passphrase must be, and what makes guessing it slow."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.vault.passphrase import (
    Argon2Parameters,
    Passphrase,
    WeakPassphraseError,
    calibrate,
    check_strength,
    generate_passphrase,
    stretch,
)
from mnemosyne.kit.vault.word_list import word_list
from tests.kit.vault.conftest import FAST
from tests.requirements import requirement

SALT = bytes(16)


@requirement("vault.slots.passphrase-strength")
def test_eleven_characters_are_too_few_however_wild() -> None:
    with pytest.raises(WeakPassphraseError) as refused:
        check_strength(Passphrase("x9$Kq!2vZ#p"))

    assert refused.value.code == "weak-passphrase"
    assert "11 characters" in refused.value.why


@requirement("vault.slots.passphrase-strength")
@pytest.mark.parametrize(
    "text", ["passwordpassword", "qwertyuiop123", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc"]
)
def test_what_is_long_and_easy_to_guess_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(WeakPassphraseError) as refused:
        check_strength(Passphrase(text))

    assert refused.value.why.endswith(".")
    assert "12 characters" in refused.value.hint
    assert text not in f"{refused.value} {refused.value.why} {refused.value.hint}"


@requirement("vault.slots.passphrase-strength")
def test_twelve_uncommon_characters_are_enough() -> None:
    check_strength(Passphrase("x9$Kq!2vZ#pw"))


def test_a_long_passphrase_is_judged_without_running_into_a_limit() -> None:
    check_strength(Passphrase("plum tractor envelope quietly seventeen " * 30))


def test_the_name_of_the_owner_is_no_secret() -> None:
    check_strength(Passphrase("Wolverton-Hayes"))

    with pytest.raises(WeakPassphraseError):
        check_strength(Passphrase("Wolverton-Hayes"), known=["Wolverton-Hayes"])


@requirement("vault.slots.passphrase-strength")
def test_generated_passphrases_are_strong_and_do_not_repeat() -> None:
    made = {generate_passphrase().text for _ in range(20)}

    assert len(made) == 20
    for text in made:
        check_strength(Passphrase(text))
        assert len(text.split("-")) == 7  # 7 × 11 bits
        assert set(text.split("-")) <= set(word_list())


def test_every_word_can_be_drawn() -> None:
    asked: list[int] = []

    def last(n: int) -> int:
        asked.append(n)
        return n - 1

    assert generate_passphrase(last).text == "-".join(["zoo"] * 7)
    assert asked == [2048] * 7


@given(st.text())
def test_one_text_is_one_passphrase_in_every_spelling(text: str) -> None:
    spellings = {Passphrase(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}

    assert spellings == {Passphrase(text)}


def test_any_characters_can_be_stretched() -> None:
    keys = {stretch(Passphrase(t), SALT, FAST) for t in ("schön", "\ud800", "🌲" * 100, "a\x00b")}

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_every_parameter_and_the_salt_change_the_key() -> None:
    phrase = Passphrase("plum tractor envelope")
    costs = [FAST, Argon2Parameters(128, 1, 1), Argon2Parameters(64, 2, 1)]
    costs.append(Argon2Parameters(64, 1, 2))

    keys = {stretch(phrase, SALT, cost) for cost in costs} | {stretch(phrase, b"1" * 16, FAST)}

    assert len(keys) == 5


@pytest.mark.parametrize(
    ("lanes", "digest"),
    [
        (1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ],
)
def test_the_derivation_is_argon2id_as_published(lanes: int, digest: str) -> None:
    # src/test.c of the reference implementation (phc-winner-argon2), version 0x13, Argon2id.
    cost = Argon2Parameters(memory_kib=256, passes=2, lanes=lanes)

    assert stretch(Passphrase("password"), b"somesalt", cost).hex() == digest


@pytest.mark.parametrize(
    ("memory_kib", "passes", "lanes"),
    [(65536, 0, 4), (65536, 65, 4), (65536, 3, 0), (65536, 3, 17), (31, 3, 4), (2**21, 3, 4)],
)
def test_a_cost_beyond_reason_is_no_cost(memory_kib: int, passes: int, lanes: int) -> None:
    with pytest.raises(ValueError, match="possible"):
        Argon2Parameters(memory_kib, passes, lanes)


def test_a_slow_machine_keeps_the_default() -> None:
    assert calibrate(lambda _: 2.7) == Argon2Parameters(65_536, 3, 4)


@given(st.floats(min_value=0.04, max_value=0.499))
def test_a_fast_machine_takes_more_passes_until_half_a_second(each_three: float) -> None:
    chosen = calibrate(lambda cost: each_three * cost.passes / 3)

    assert 0.5 <= each_three * chosen.passes / 3 <= 1.0
    assert chosen.memory_kib == 65_536


def test_calibration_ends_at_the_bound() -> None:
    assert calibrate(lambda _: 0.0).passes == 64


def test_a_passphrase_shows_in_no_representation() -> None:
    assert "plum" not in repr(Passphrase("plum tractor envelope"))
