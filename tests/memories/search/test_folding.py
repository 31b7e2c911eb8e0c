"""Words that a reader takes for the same are one in the index."""

import pytest

from mnemosyne.memories.search.folding import bigrams, folded, spaced


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Café", "cafe"),
        ("STRASSE", "Straße"),
        ("Ελλάδα", "ελλαδα"),
        ("Йога", "йога"),
        ("ＡＢＣ", "abc"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("ﾒﾓ", "メモ"),
    ],
)
def test_case_accents_and_width_make_no_difference(written: str, asked: str) -> None:
    assert folded(written) == folded(asked)


def test_signs_that_are_letters_stay() -> None:
    assert folded("हिन्दी") == "हिन्दी"
    assert folded("한글") == "한글"


def test_a_run_without_spaces_becomes_its_pairs_and_its_last_character() -> None:
    assert list(bigrams("昨天吃pizza茶")) == ["昨天", "天吃", "吃", "茶"]
    assert list(bigrams("plain words")) == []


def test_words_beside_a_run_without_spaces_stand_alone() -> None:
    assert spaced("昨天吃pizza了").split() == ["昨天吃", "pizza", "了"]
