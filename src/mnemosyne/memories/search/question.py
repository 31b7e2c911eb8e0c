"""What a question asks for: words to look up, a text to compare by meaning, people and dates."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mnemosyne.memories.enrichment import dates
from mnemosyne.memories.enrichment.dates import DateMention
from mnemosyne.memories.enrichment.mentions import WORD, Mention, Names
from mnemosyne.memories.search.folding import folded, runs, without_runs
from mnemosyne.memories.search.stop_words import STOP_WORDS

MOST_TERMS = 32
"""A question has a few words; of a pasted page the first ones are looked up."""

_ASKS_WHEN = re.compile(
    r"\b(?:when|how long|what (?:day|date|month|year|time)|which (?:day|date|month|year)"
    r"|wann|seit wann|quand|cu[aá]ndo)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word to look up in the full-text index.

    ``expression`` is FTS5 syntax that names its columns and quotes the word, so that nothing in a
    question is an operator. ``person`` is the main name of whoever the word is a name of.
    """

    word: str
    expression: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, understood."""

    text: str
    terms: tuple[Term, ...]
    meaning: str
    """The text without names: a name draws the vectors to what was said *to* that person."""
    people: tuple[str, ...]
    """Main names of the known people in it, the first one named first."""
    dates: tuple[DateMention, ...]
    asks_when: bool


def understand(text: str, names: Names, anchor: datetime, zone: tzinfo) -> Question:
    """Read a question asked at ``anchor`` by someone in ``zone`` who knows ``names``."""
    mentions = names.find(text)
    return Question(
        text=text,
        terms=_terms(text, mentions),
        meaning=_without(text, mentions) or text,
        people=tuple(dict.fromkeys(mention.name for mention in mentions)),
        dates=dates.find(text, anchor, zone),
        asks_when=_ASKS_WHEN.search(text) is not None,
    )


def _without(text: str, mentions: tuple[Mention, ...]) -> str:
    kept, place = [], 0
    for mention in mentions:
        kept.append(text[place : mention.start])
        place = mention.end
    rest = " ".join("".join([*kept, text[place:]]).split())
    return rest if _MARKS.search(rest) else ""


def _terms(text: str, mentions: tuple[Mention, ...]) -> tuple[Term, ...]:
    named = {word: m.name for m in mentions for word in _words(text[m.start : m.end])}
    named.pop("s", None)  # what an apostrophe leaves over
    words = dict.fromkeys(_words(text))
    telling = [word for word in words if word not in STOP_WORDS or word in named]
    found = [_word_term(word, named.get(word, "")) for word in telling or words]
    found += [_pair_term(pair) for pair in dict.fromkeys(_pairs(text))]
    return tuple(found[:MOST_TERMS])


def _words(text: str) -> list[str]:
    return [word[0] for word in WORD.finditer(without_runs(folded(text))) if _MARKS.search(word[0])]


def _pairs(text: str) -> list[str]:
    found = []
    for run in runs(folded(text)):
        found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
    return found


def _word_term(word: str, person: str) -> Term:
    return Term(word, f"{{title body context}} : {_quoted(word)}", person)


def _pair_term(pair: str) -> Term:
    # A single character is looked up as the beginning of a pair.
    beginning = " *" if len(pair) == 1 else ""
    return Term(pair, f"bigrams : {_quoted(pair)}{beginning}")


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
