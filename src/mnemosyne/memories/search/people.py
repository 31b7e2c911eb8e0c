"""Whom a person knows by name: contacts, and those who speak in what was imported."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.search.stop_words import STOP_WORDS

ROLES: Final = frozenset(
    {"me", "you", "i", "self", "user", "human", "assistant", "system", "tool", "model", "unknown"}
)
"""What importers call speakers who have no name; a question with these words means the words."""


@dataclass(frozen=True, slots=True)
class People:
    """Names to look for in a question, and by which codes each person speaks."""

    names: Names
    speaks_as: Mapping[str, frozenset[int]]


def people(contacts: Mapping[str, Sequence[str]], speakers: Mapping[str, int]) -> People:
    """Return everyone known: ``contacts`` from main name to all names, ``speakers`` with codes.

    “Nora Lindt” is also called “Nora”, as long as nobody else is.
    """
    main = {name.casefold(): contact for contact, called in contacts.items() for name in called}
    names = {contact: list(called) for contact, called in contacts.items()}
    codes: dict[str, set[int]] = {contact: set() for contact in contacts}
    for speaker, code in speakers.items():
        if speaker.casefold() in ROLES:
            continue
        known = main.setdefault(speaker.casefold(), speaker)
        names.setdefault(known, [speaker])
        codes.setdefault(known, set()).add(code)
    for known, given in _given_names(names).items():
        names[known].append(given)
    return People(Names.of(names), {name: frozenset(found) for name, found in codes.items()})


def _given_names(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the first word of each name of several words that nobody else goes by."""
    given = {
        known: words[0]
        for known in names
        if len(words := known.split()) > 1 and words[0][0].isupper() and words[0].isalpha()
    }
    shared = Counter(word.casefold() for word in given.values())
    taken = {name.casefold() for called in names.values() for name in called} | ROLES | STOP_WORDS
    return {
        known: word
        for known, word in given.items()
        if shared[word.casefold()] == 1 and word.casefold() not in taken
    }
