"""Cut a long text at headings and paragraphs so that its parts, joined, are the text again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mnemosyne.kit.text import CONTENT_BYTES, safe_cut
from mnemosyne.memories.importing.markup import Kind, Line, lines

_BYTES_OF_A_CHARACTER = 4  # at most, in UTF-8


@dataclass(frozen=True, slots=True)
class Sizes:
    """When a text is cut, in characters but for ``largest``.

    A text up to ``whole`` stays one memory. A longer one is cut where a heading begins, once a
    quarter of ``aim`` is reached, and between paragraphs before ``aim`` would be exceeded. A single
    paragraph is cut only when it exceeds ``largest`` bytes.
    """

    whole: int = 4_000
    aim: int = 2_000
    largest: int = CONTENT_BYTES


LineReader = Callable[[str], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph or a heading with the blank lines after it."""

    start: int
    end: int
    heading: bool


def split(text: str, sizes: Sizes, read_lines: LineReader = lines) -> tuple[str, ...]:
    """Return the parts of ``text``; joined they give it back exactly, and none is empty."""
    if len(text) <= sizes.whole:
        return tuple(fitting(text, sizes.largest))
    return tuple(
        piece
        for start, end in _parts(_blocks(text, read_lines), sizes.aim)
        for piece in fitting(text[start:end], sizes.largest)
    )


def _blocks(text: str, read_lines: LineReader) -> Iterator[_Block]:
    """Yield the blocks of ``text`` one at a time: there may be millions."""
    start = 0
    heading = False
    before = Kind.BLANK
    for line in read_lines(text):
        begins = line.kind is Kind.HEADING or before is Kind.HEADING or before is Kind.BLANK
        # White space on top belongs to the first block, and that in between to the one before.
        if begins and line.kind is not Kind.BLANK:
            if text[start : line.start].strip():
                yield _Block(start, line.start, heading)
                start = line.start
            heading = line.kind is Kind.HEADING
        before = line.kind
    if start < len(text):
        yield _Block(start, len(text), heading)


def _parts(blocks: Iterator[_Block], aim: int) -> Iterator[tuple[int, int]]:
    start = end = 0
    after_heading = False
    for block in blocks:
        size = end - start
        # A heading is never left behind by what it is the heading of.
        full = size + block.end - block.start > aim and not after_heading
        if size and (full or (block.heading and size >= aim // 4)):
            yield start, end
            start = end
        end = block.end
        after_heading = block.heading
    yield start, end


def fitting(text: str, largest: int) -> Iterator[str]:
    """Cut ``text`` into pieces of at most ``largest`` bytes, at line ends or spaces if possible."""
    most = largest // _BYTES_OF_A_CHARACTER
    start = 0
    while not _fits(text, start, largest):
        middle, until = start + most // 2, start + most
        end = text.rfind("\n", middle, until) + 1 or text.rfind(" ", middle, until) + 1
        end = end or max(safe_cut(text, until), start + 1)
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _fits(text: str, start: int, largest: int) -> bool:
    rest = len(text) - start
    if rest * _BYTES_OF_A_CHARACTER <= largest:
        return True
    return rest <= largest and len(text[start:].encode("utf-8", "surrogatepass")) <= largest
