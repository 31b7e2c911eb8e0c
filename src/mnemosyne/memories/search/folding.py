"""One form for words that a reader takes for the same: without case, accents and width."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

# Accents and vowel points over and under letters. The vowel signs of Indic scripts are left alone:
# there they are letters.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u0652\u0670]"
)
# Scripts without spaces between words are indexed by pairs of characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003134f]+"
)


def folded(text: str) -> str:
    """Return ``text`` in the form that is indexed and searched: “Café” becomes “cafe”."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def spaced(text: str) -> str:
    """Set runs of a script without spaces apart from the words of other scripts beside them."""
    return text if text.isascii() else _UNSPACED.sub(r" \g<0> ", text)


def bigrams(text: str) -> Iterator[str]:
    """Yield the pairs of neighbours of every run without spaces, and its last character alone.

    The single one at the end lets a question of one character be looked up as a beginning.
    """
    if text.isascii():
        return
    for run in _UNSPACED.findall(text):
        yield from map("".join, pairwise(run))
        yield run[-1]


def runs(text: str) -> list[str]:
    """Return the runs of ``text`` in scripts without spaces."""
    return [] if text.isascii() else _UNSPACED.findall(text)


def without_runs(text: str) -> str:
    """Return ``text`` with a space in place of each run in a script without spaces."""
    return text if text.isascii() else _UNSPACED.sub(" ", text)
