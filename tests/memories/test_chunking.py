"""Cutting long texts for an embedder that reads 256 tokens."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.chunking import CHUNK_TOKENS, Chunk, chunk
from tests.requirements import requirement

TOKEN = re.compile(r"\w{1,6}|[^\w\s]")
# Words, stops, breaks, scripts without spaces, and what no tokenizer expects.
PARTS = st.sampled_from(
    [
        "word ",
        "unbelievably",
        "x",
        ". ",
        "! ",
        "?”  ",
        "...",
        "…\n",
        "\n\n",
        " ",
        "。",
        "東京",
        "한",
        "🚲",
    ]
)
TEXTS = st.lists(PARTS, max_size=400).map("".join)
LIMITS = st.integers(1, 40)


def tokens_of(text: str) -> list[tuple[int, int]]:
    # Two tokens for a Korean syllable, as a normaliser that decomposes makes them.
    return [
        match.span()
        for match in TOKEN.finditer(text)
        for _ in range(2 if match.group() == "한" else 1)
    ]


def inside(piece: Chunk, offsets: list[tuple[int, int]]) -> int:
    return sum(piece.start <= start < piece.end for start, _ in offsets)


@given(TEXTS, LIMITS)
def test_chunks_cover_the_whole_text_in_order(text: str, limit: int) -> None:
    chunks = chunk(text, tokens_of(text), limit)

    assert chunks[0].start == 0
    assert chunks[-1].end == len(text)
    for one, following in pairwise(chunks):
        assert one.start < following.start <= one.end < following.end


@requirement("embedder.chunks")
@given(TEXTS, LIMITS)
def test_no_chunk_has_more_tokens_than_the_limit(text: str, limit: int) -> None:
    offsets = tokens_of(text)

    for piece in chunk(text, offsets, limit):
        starts = {start for start, _ in offsets if piece.start <= start < piece.end}
        # Two tokens of one character stay together, whatever the limit.
        assert inside(piece, offsets) <= limit or len(starts) == 1


@given(TEXTS, LIMITS)
def test_no_chunk_begins_or_ends_inside_a_token(text: str, limit: int) -> None:
    offsets = tokens_of(text)

    for piece in chunk(text, offsets, limit):
        assert not any(
            start < edge < end for start, end in offsets for edge in (piece.start, piece.end)
        )


@requirement("embedder.chunks")
@given(st.lists(st.integers(1, 12), min_size=40, max_size=90))
def test_neighbours_share_a_sentence_or_two_when_sentences_are_short(lengths: list[int]) -> None:
    sentences = ["word " * (length - 1) + "end. " for length in lengths]
    text = "".join(sentences)
    borders = {0}
    for sentence in sentences:
        borders.add(max(borders) + len(sentence))

    chunks = chunk(text, tokens_of(text), 60)

    assert len(chunks) > 1
    for one, following in pairwise(chunks):
        shared = text[following.start : one.end]
        assert 1 <= shared.count("end.") <= 2
        assert {one.end, following.start} <= borders


def test_a_short_text_is_one_chunk() -> None:
    text = "One. Two. Three."

    assert chunk(text, tokens_of(text)) == [Chunk(0, len(text))]


def test_an_empty_text_is_one_empty_chunk() -> None:
    assert chunk("", []) == [Chunk(0, 0)]


def test_a_monstrous_sentence_is_cut_between_words_and_overlaps() -> None:
    text = "unbelievably " * 300
    chunks = chunk(text, tokens_of(text))

    assert len(chunks) > 3
    assert all(text[piece.start : piece.start + 12] == "unbelievably" for piece in chunks)
    assert all(two.start < one.end for one, two in pairwise(chunks))


def test_a_sentence_without_any_space_is_cut_between_tokens() -> None:
    text = "東京" * 500
    offsets = [(place, place + 1) for place in range(len(text))]

    chunks = chunk(text, offsets)

    assert max(inside(piece, offsets) for piece in chunks) <= CHUNK_TOKENS
    assert len(chunks) < 8


def test_an_abbreviation_at_the_end_of_a_line_loses_nothing() -> None:
    text = ("Dr. Lind met Prof. Aho at 10.30 a.m. in bldg. 4, i.e. late.\n" * 40).strip()

    assert chunk(text, tokens_of(text))[-1].end == len(text)


def test_a_megabyte_of_dots_is_cut_at_once() -> None:
    # One token a dot would be quadratic in the regular expression if runs were tried twice.
    text = "." * 1_000_000

    chunks = chunk(text, [(place, place + 1) for place in range(0, 1_000_000, 2000)])

    assert chunks[-1].end == len(text)
