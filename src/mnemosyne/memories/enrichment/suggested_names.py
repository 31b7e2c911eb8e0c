"""Suggest people that texts speak of, for their person to confirm: rather few than wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mnemosyne.memories.enrichment.mentions import WORD, Names
from mnemosyne.memories.enrichment.name_words import (
    COMMON,
    GREETING,
    NO_NAMES,
    PLACED,
    SAYING,
    TOWARDS,
)

_FEWEST = 2
_LONGEST_NAME = 3
_SENTENCE_STARTS = frozenset('.!?…:;\n"“”„«»()[]*#>•–—|/')


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that may be a person's, and how often it was met."""

    name: str
    count: int


@dataclass(slots=True)
class NameEvidence:
    """What capitalised words did in the texts that were read so far."""

    seen: Counter[str] = field(default_factory=Counter)
    person: Counter[str] = field(default_factory=Counter)
    place: Counter[str] = field(default_factory=Counter)
    lower: Counter[str] = field(default_factory=Counter)

    def read(self, texts: Iterable[str]) -> None:
        """Take in further texts."""
        for text in texts:
            _collect(text, self)

    def suggestions(
        self, known: Names | None = None, *, fewest: int = _FEWEST
    ) -> tuple[Suggestion, ...]:
        """Return capitalised words that act like people in at least ``fewest`` places, most first.

        A name must do what people do ("Anna said", "with Anna") more often than what places do
        ("in Berlin"), and never stand in lower case. Who is ``known`` already is left out.
        """
        names = [
            Suggestion(name, count)
            for name, count in self.seen.items()
            if count >= fewest and _convincing(name, self) and not (known and known.find(name))
        ]
        return tuple(sorted(names, key=lambda one: (-one.count, one.name)))


def _convincing(name: str, evidence: NameEvidence) -> bool:
    return (
        evidence.person[name] > evidence.place[name]
        and not any(evidence.lower[word.lower()] for word in name.split())
        and not any(word.lower() in COMMON for word in name.split()[:1] if " " not in name)
    )


def _collect(text: str, evidence: NameEvidence) -> None:
    words = [(m[0], m.start(), m.end()) for m in WORD.finditer(text)]
    index = 0
    while index < len(words):
        length = _run(text, words, index)
        if not length:
            word = words[index][0]
            if word[0].islower():
                evidence.lower[word] += 1
            index += 1
            continue
        name = " ".join(word for word, _, _ in words[index : index + length])
        evidence.seen[name] += 1
        before = words[index - 1][0].lower()
        after = words[index + length][0].lower() if index + length < len(words) else ""
        gap = text[words[index + length - 1][2] :][:2]
        does = after in SAYING and gap[:1] == " "
        evidence.person[name] += does or before in TOWARDS or before in GREETING
        evidence.place[name] += before in PLACED
        index += length


def _run(text: str, words: list[tuple[str, int, int]], index: int) -> int:
    """Return how many words from ``index`` on make up one capitalised name inside a sentence."""
    length = 0
    while length < _LONGEST_NAME and index + length < len(words):
        word, start, _ = words[index + length]
        gap = text[words[index + length - 1][2] : start] if index + length else "\n"
        inside = gap == " " if length else _SENTENCE_STARTS.isdisjoint(gap)
        if not (inside and _capitalised(word)):
            break
        length += 1
    return length


def _capitalised(word: str) -> bool:
    return (
        len(word) > 1
        and word[0].isupper()
        and word[1:].islower()
        and word.isalpha()
        and word.lower() not in NO_NAMES
    )
