import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnemosyne.kit.text import (
    REPLACEMENT,
    Normalised,
    excerpt,
    normalise,
    safe_cut,
    utf8_size,
    visible,
)

# Everything a file can hold, lone surrogates included, with what is dangerous made likely.
DANGEROUS = (
    "\x00\x07\x1b\x7f\x9b\r\n\t\xad\u200b\u200c\u200d\u202e\u2066\ufeff\ud83d\ude00\U000e0041"
)
JOINED = "e\u0301 n\u0303 👩\u200d🚀 👍\U0001f3fd ❤\ufe0f क\u093f"
TEXTS = st.text(
    st.characters() | st.characters(categories=["Cs", "Cf", "Mn"]) | st.sampled_from(DANGEROUS)
)
# Format characters that are drawn: the Arabic and Syriac number signs.
DRAWN = set(map(chr, [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD]))


@given(TEXTS)
def test_what_is_shown_cannot_steer_a_terminal(text: str) -> None:
    shown = visible(text)

    shown.encode("utf-8")
    left = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert left <= {"\n", "\t", "\u200c", "\u200d"} | DRAWN


@given(TEXTS)
@example("न\u200d\u200dन")
@example("a\u200b\u200dन")
def test_showing_what_is_shown_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\rb\x00c\x7f", "a␍b␀c␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("invoice\u202efdp.exe", "invoice⟨U+202E⟩fdp.exe"),
        ("pass\u200bword", "pass⟨U+200B⟩word"),
        ("pa\u200dss", "pa⟨U+200D⟩ss"),
        ("\U000e0068\U000e0069", "⟨U+E0068⟩⟨U+E0069⟩"),
        ("half \ud83d", "half ⟨U+D83D⟩"),
        ("न\u200d\u200c\u200dन", "न⟨U+200D⟩⟨U+200C⟩⟨U+200D⟩न"),
    ],
)
def test_a_hidden_or_moving_character_becomes_a_sign(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["tab\tand\nline", "Grüße, 你好 🎉", "👩\u200d🚀 at work", "می\u200cخواهم", JOINED]
)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(TEXTS)
def test_a_normalised_text_can_be_stored(text: str) -> None:
    stored = normalise(text).text

    stored.encode("utf-8")
    assert "\r" not in stored
    assert "\x00" not in stored
    assert normalise(stored) == Normalised(stored, 0)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")))
def test_a_text_that_can_be_stored_stays_verbatim(text: str) -> None:
    assert normalise(text) == Normalised(text, 0)


def test_every_line_end_becomes_one_and_what_cannot_be_stored_is_counted() -> None:
    assert normalise("a\r\nb\rc\n\r\nd") == Normalised("a\nb\nc\n\nd", 0)
    assert normalise("a\x00b\ud800") == Normalised(f"a{REPLACEMENT}b{REPLACEMENT}", 2)


def test_two_halves_of_one_character_are_joined() -> None:
    assert normalise("\ud83d\ude00 \ude00\ud83d") == Normalised(f"😀 {REPLACEMENT}{REPLACEMENT}", 2)


@given(st.text())
def test_the_size_is_that_of_the_encoded_text(text: str) -> None:
    assert utf8_size(text) == len(text.encode("utf-8"))


def test_the_size_of_a_lone_surrogate_is_that_of_its_replacement() -> None:
    assert utf8_size("\ud800") == utf8_size(REPLACEMENT)


@given(TEXTS, st.integers(1, 60))
def test_an_excerpt_is_one_line_of_at_most_its_limit(text: str, limit: int) -> None:
    short = excerpt(text, limit)

    assert len(short) <= limit
    assert "\n" not in short
    assert short == short.strip()
    plain = " ".join(text.split())
    if short.endswith("…") and short != plain:
        assert plain.startswith(short[:-1])
    else:
        assert short == plain


def test_an_excerpt_ends_between_words_where_it_can() -> None:
    assert excerpt("The  quick\nbrown fox jumps", 18) == "The quick brown…"
    assert excerpt("Donaudampfschifffahrt", 10) == "Donaudamp…"
    assert excerpt("  short ", 10) == "short"


def test_an_excerpt_of_a_megabyte_of_white_space_is_quick_and_empty() -> None:
    assert excerpt(" " * 2**20, 80) == ""


@given(st.text(st.sampled_from(JOINED)), st.integers(0, 80))
def test_a_cut_leaves_visible_characters_whole(text: str, at: int) -> None:
    place = safe_cut(text, at)

    assert 0 <= place <= min(at, len(text))
    torn = 0 < place < len(text) and (
        unicodedata.combining(text[place]) or "\u200d" in text[place - 1 : place + 1]
    )
    assert not torn or at - 32 <= 0 or not _has_a_place(text, at)


def _has_a_place(text: str, at: int) -> bool:
    """Say whether any of the 32 places before ``at`` stands before a plain letter."""
    return any(text[p] in "en " and text[p - 1] != "\u200d" for p in range(at - 31, at))


@pytest.mark.parametrize(
    ("text", "at", "place"),
    [
        ("e\u0301e\u0301", 3, 2),
        ("a👩\u200d🚀", 3, 1),
        ("a👩\u200d🚀", 2, 1),
        ("a👍\U0001f3fd", 2, 1),
        ("abc", 2, 2),
        ("abc", 9, 3),
        ("", 4, 0),
        ("abc", 0, 0),
        ("e" + "\u0301" * 100, 50, 50),
    ],
)
def test_a_cut_moves_back_to_the_start_of_a_character(text: str, at: int, place: int) -> None:
    assert safe_cut(text, at) == place
