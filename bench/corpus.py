"""Texts to measure with: sentences of the sample diary, put together anew, each one unique."""

import random
import re
from functools import cache
from pathlib import Path

_DIARY = Path(__file__).parents[1] / "samples" / "diary"
_SENTENCE = re.compile(r"[A-Z][^.!?\n]{20,160}[.!?]")


@cache
def sentences() -> tuple[str, ...]:
    """Return every plain sentence of the sample diary."""
    texts = (path.read_text("utf-8") for path in sorted(_DIARY.rglob("*.md")))
    return tuple(dict.fromkeys(found for text in texts for found in _SENTENCE.findall(text)))


def messages(count: int, seed: int = 7) -> list[str]:
    """Return ``count`` short messages of one or two sentences."""
    chance = random.Random(seed)
    return [
        f"{' '.join(chance.sample(sentences(), chance.choice((1, 1, 2))))} ({number})"
        for number in range(count)
    ]


def questions(count: int, seed: int = 11) -> list[str]:
    """Return ``count`` questions about words that stand in the messages."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        words = re.findall(r"[A-Za-z]{4,}", chance.choice(sentences()))
        found.append("When did I " + " ".join(chance.sample(words, min(4, len(words)))) + "?")
    return found
