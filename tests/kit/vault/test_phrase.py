"""24 words, checked before anything is derived from them."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.crypto.digests import multihash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.vault.phrase import (
    Phrase,
    PhraseChecksumError,
    PhraseWordCountError,
    UnknownPhraseWordError,
    confirmation_positions,
    confirms,
    generate_phrase,
    parse_phrase,
)
from mnemosyne.kit.vault.word_list import word_list
from tests.requirements import requirement

ZEROS = "abandon " * 23 + "art"
# BIP39 of 256 zero bits, without an additional passphrase.
ZEROS_SEED = bytes.fromhex(
    "408b285c123836004f4b8842c89324c1f01382450c0d439af345ba7fc49acf70"
    "5489c6fc77dbd4e3dc1dd8cc6bc9f043db8ada1e243c4a0eafb290d399480840"
)


def test_a_fresh_phrase_is_24_words_that_parse_to_itself() -> None:
    one, other = generate_phrase(), generate_phrase()

    assert one != other
    assert len(one.words) == 24
    assert parse_phrase(" ".join(one.words)) == one


def test_case_and_white_space_do_not_matter() -> None:
    typed = "  " + ZEROS.replace(" ", " \n\t").upper() + "\n"

    assert parse_phrase(typed) == parse_phrase(ZEROS)


@requirement("vault.slots.phrase")
@pytest.mark.parametrize("count", [0, 1, 12, 23, 25, 48])
def test_another_number_of_words_is_refused(count: int) -> None:
    with pytest.raises(PhraseWordCountError) as refused:
        parse_phrase("abandon " * count)

    assert refused.value.code == "phrase-word-count"
    assert refused.value.found == count


@requirement("vault.slots.phrase")
def test_an_unknown_word_is_named_by_its_position_with_the_closest_one() -> None:
    words = ZEROS.split()
    words[6] = "abandun"

    with pytest.raises(UnknownPhraseWordError) as refused:
        parse_phrase(" ".join(words))

    assert refused.value.code == "phrase-unknown-word"
    assert (refused.value.position, refused.value.suggestion) == (7, "abandon")
    assert "word 7" in str(refused.value)
    assert "“abandon”" in refused.value.hint


def test_a_word_close_to_none_gets_no_suggestion() -> None:
    with pytest.raises(UnknownPhraseWordError) as refused:
        parse_phrase("ω " + "abandon " * 22 + "art")

    assert refused.value.suggestion is None
    assert "word 1" in refused.value.hint


@requirement("vault.slots.phrase")
@given(st.integers(0, 23), st.integers(1, 2047))
def test_a_word_taken_for_another_fails_the_checksum_or_is_another_phrase(
    position: int, by: int
) -> None:
    words = ZEROS.split()
    words[position] = word_list()[(word_list().index(words[position]) + by) % 2048]
    bits = "".join(f"{word_list().index(word):011b}" for word in words)
    entropy = int(bits[:256], 2).to_bytes(32, "big")

    if f"{hashlib.sha256(entropy).digest()[0]:08b}" == bits[256:]:
        assert parse_phrase(" ".join(words)).words == tuple(words)
    else:
        with pytest.raises(PhraseChecksumError) as refused:
            parse_phrase(" ".join(words))
        assert refused.value.code == "phrase-checksum"


@given(st.text(max_size=400))
def test_any_text_is_a_phrase_or_one_of_our_errors(text: str) -> None:
    with pytest.raises((PhraseWordCountError, UnknownPhraseWordError, PhraseChecksumError)):
        parse_phrase(text)


def test_the_seed_is_that_of_bip39() -> None:
    assert parse_phrase(ZEROS)._seed() == ZEROS_SEED


def test_the_key_that_wraps_depends_on_the_salt_and_is_no_recovery_key() -> None:
    phrase = parse_phrase(ZEROS)

    assert phrase.wrapping_key(b"1" * 16) != phrase.wrapping_key(b"2" * 16)
    assert phrase.wrapping_key(b"1" * 16) != phrase.recovery_public_key(0)


def hardened(parent: bytes, chain: bytes, index: int) -> tuple[bytes, bytes]:
    data = b"\x00" + parent + (0x80000000 + index).to_bytes(4, "big")
    digest = hmac.digest(chain, data, hashlib.sha512)
    return digest[:32], digest[32:]


@requirement("vault.slots.recovery-hash")
@pytest.mark.parametrize("index", [0, 1, 2**31 - 1])
def test_the_recovery_key_stands_at_its_slip_0010_path(index: int) -> None:
    digest = hmac.digest(b"ed25519 seed", ZEROS_SEED, hashlib.sha512)
    key, chain = digest[:32], digest[32:]
    for step in (7101, 0, index):
        key, chain = hardened(key, chain, step)
    public = SigningKey(key).public
    phrase = parse_phrase(ZEROS)

    assert phrase.recovery_public_key(index) == public
    assert phrase.recovery_key_hash(index) == multihash(encode_multikey(public).encode())


def test_three_different_positions_are_asked_for() -> None:
    drawn = {confirmation_positions() for _ in range(100)}

    assert len(drawn) > 1
    for positions in drawn:
        assert len(set(positions)) == 3
        assert list(positions) == sorted(positions)
        assert all(1 <= position <= 24 for position in positions)


@given(st.tuples(st.integers(0, 23), st.integers(0, 22), st.integers(0, 21)))
def test_the_positions_follow_the_dice(dice: tuple[int, int, int]) -> None:
    rolled = iter(dice)

    assert len(set(confirmation_positions(lambda _: next(rolled)))) == 3


def test_a_confirmation_needs_the_right_word_at_each_place() -> None:
    phrase = parse_phrase(ZEROS)

    assert confirms(phrase, {1: "abandon", 5: " Abandon ", 24: "ART\n"})
    assert not confirms(phrase, {1: "abandon", 5: "abandon", 24: "abandon"})


def test_a_phrase_shows_in_no_representation() -> None:
    assert "abandon" not in repr(Phrase(tuple(ZEROS.split())))
