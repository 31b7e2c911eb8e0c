"""The parts of a text, joined, are the text; none is empty or too large."""

from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.importing import markup
from mnemosyne.memories.importing.splitting import Sizes, fitting, split
from tests.requirements import requirement

PIECES = st.sampled_from(
    ["# Heading\n", "## Deeper", "text ", "\n", "\n\n", " ", "```\n", "~~~", "é", "🚲", "e\u0301",
     "word " * 9, "\t", "#tag ", "東京" * 7, "\u2028"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join)
SIZES = st.builds(
    Sizes, whole=st.integers(1, 80), aim=st.integers(1, 80), largest=st.integers(8, 200)
)


@requirement("capture.split")
@given(TEXTS, SIZES, st.booleans())
def test_parts_joined_give_the_text_back_exactly(text: str, sizes: Sizes, plain: object) -> None:
    parts = split(text, sizes, markup.plain_lines if plain else markup.lines)

    assert "".join(parts) == text
    assert all(0 < len(part.encode()) <= sizes.largest for part in parts)


@given(TEXTS, st.integers(4, 60))
def test_pieces_fit_and_join(text: str, largest: int) -> None:
    pieces = list(fitting(text, largest))

    assert "".join(pieces) == text
    assert all(0 < len(piece.encode()) <= largest for piece in pieces)


@given(TEXTS)
def test_lines_cover_the_text(text: str) -> None:
    for read in (markup.lines, markup.plain_lines):
        spans = [(line.start, line.end) for line in read(text)]
        assert "".join(text[start:end] for start, end in spans) == text


def test_a_heading_is_never_left_behind() -> None:
    text = "".join(f"# {n}\n\n{'sentence. ' * 30}\n\n" for n in range(20))
    parts = split(text, Sizes(whole=400, aim=400))

    assert all(part.startswith("#") and "sentence" in part for part in parts)


def test_a_fence_hides_headings_tags_and_links() -> None:
    text = "~~~~\n# no\n~~~\n#no [[no]]\n~~~~\n#yes [[Yes]] ``#no ` [[no]]``\n"
    prose = markup.prose(text)

    assert list(markup.tags(prose)) == ["yes"]
    assert list(markup.links(prose)) == ["Yes"]


def test_thousands_of_marks_are_looked_at_once() -> None:
    for piece in ("`a``b", "[[", "](", "[[a|", "#", "```a", "# \n", "~~~\n", "> \n"):
        text = piece * (250_000 // len(piece))
        prose = markup.prose(text)
        list(markup.tags(prose))
        list(markup.links(prose))
        assert "".join(split(text, Sizes())) == text
