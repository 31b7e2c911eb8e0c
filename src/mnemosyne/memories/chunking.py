"""Cut a long text into overlapping chunks at the ends of sentences, one vector for each.

A memory's score is its best chunk. Cutting the text off instead costs 27 points of recall on long
texts, since an embedder of this size reads 256 tokens and no more.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

CHUNK_TOKENS = 200

# A full stop counts before a space, a CJK one anywhere, a line always. Each run of stops is tried
# once, from its start and without going back, so that a megabyte of dots takes linear time.
_SENTENCE_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+\s++"
    r"|[。！？｡]++[」』”’）]*+\s*+"  # noqa: RUF001 - the stops of Chinese and Japanese
    r"|\n\s*+"
)
_OVERLAP_SENTENCES = 2
_OVERLAP_SHARE = 4
"""Repeated sentences take at most one part in this many of a chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a text, in characters: ``text[start:end]``."""

    start: int
    end: int


def chunk(text: str, offsets: Sequence[tuple[int, int]], limit: int = CHUNK_TOKENS) -> list[Chunk]:
    """Return the chunks of ``text``, in order, each of at most ``limit`` tokens.

    ``offsets`` are start and end of every token in characters, ascending. Together the chunks
    cover the whole text; neighbours share a sentence or two where these are short. A sentence
    beyond ``limit`` is cut between tokens, between words if it has any.
    """
    if len(offsets) <= limit:
        return [Chunk(0, len(text))]
    starts = [start for start, _ in offsets]
    borders = [0, *_cuts(text, offsets, starts, limit), len(text)]
    tokens = [bisect_left(starts, border) for border in borders[:-1]]
    sizes = [end - start for start, end in pairwise([*tokens, len(starts)])]
    return [Chunk(borders[first], borders[after]) for first, after in _pack(sizes, limit)]


def _cuts(
    text: str, offsets: Sequence[tuple[int, int]], starts: Sequence[int], limit: int
) -> Iterator[int]:
    """Yield where one sentence, or one piece of a monstrous sentence, ends and the next begins."""
    first = 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    for end in [*ends, len(text)]:
        after = bisect_left(starts, end) if end < len(text) else len(starts)
        if after - first > limit:
            yield from _pieces(offsets, first, after, max(1, limit // _OVERLAP_SHARE))
        if end < len(text):
            yield end
        first = after


def _pieces(offsets: Sequence[tuple[int, int]], first: int, after: int, size: int) -> Iterator[int]:
    while after - first > size:
        cut = _word_start(offsets, first + size, first + size // 2)
        # One character may be several tokens (a Korean syllable is), which stay together.
        while cut < after and offsets[cut][0] == offsets[cut - 1][0]:
            cut += 1
        if cut == after:
            return
        yield offsets[cut][0]
        first = cut


def _word_start(offsets: Sequence[tuple[int, int]], token: int, earliest: int) -> int:
    """Return the last token up to ``token`` that follows a gap, or ``token`` if none is near."""
    for candidate in range(token, earliest, -1):
        if offsets[candidate][0] > offsets[candidate - 1][1]:
            return candidate
    return token


def _pack(sizes: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of sentences that fill a chunk, the last ones repeated in the next."""
    first = after = 0
    while after < len(sizes):
        count = sum(sizes[first:after])
        begun = after
        while after < len(sizes) and (after == begun or count + sizes[after] <= limit):
            count += sizes[after]
            after += 1
        yield first, after
        if after < len(sizes):
            first = after - _repeated(sizes[first + 1 : after], limit - sizes[after], limit)


def _repeated(sizes: Sequence[int], room: int, limit: int) -> int:
    """Return how many of the last sentences the next chunk repeats, given ``room`` in it."""
    kept = 0
    for count, size in enumerate(reversed(sizes[-_OVERLAP_SENTENCES:])):
        kept += size
        if kept > min(room, limit // _OVERLAP_SHARE):
            return count
    return min(len(sizes), _OVERLAP_SENTENCES)
