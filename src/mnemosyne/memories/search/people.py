"""Whom a person knows by name: contacts, and those who speak in what was imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mnemosyne.memories.enrichment.mentions import Names

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
    """Return everyone known: ``contacts`` from main name to all names, ``speakers`` with codes."""
    main = {
        name.casefold(): contact for contact, all_names in contacts.items() for name in all_names
    }
    names: dict[str, list[str]] = {contact: list(called) for contact, called in contacts.items()}
    codes: dict[str, set[int]] = {contact: set() for contact in contacts}
    for speaker, code in speakers.items():
        folded = speaker.casefold()
        if folded in ROLES:
            continue
        known = main.setdefault(folded, speaker)
        names.setdefault(known, [speaker])
        codes.setdefault(known, set()).add(code)
    return People(Names.of(names), {name: frozenset(found) for name, found in codes.items()})
