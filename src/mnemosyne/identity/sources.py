"""A log from outside, in whatever form a person has it: a card, the text of its codes, a log."""

from dataclasses import dataclass

from mnemosyne.identity import cards
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import read_log
from mnemosyne.kit.strict_json import StrictJsonError, parse


@dataclass(frozen=True, slots=True)
class Source:
    """Entries of one DID, as somebody showed them. Only the log proves them."""

    did: str
    entries: tuple[Entry, ...]


def read_source(content: bytes) -> Source:
    """Return the entries that ``content`` shows.

    Raises:
        CardError: it is a card, and not a whole one; or it holds nothing.
        LogError: it is a log, and does not hold.
        InvalidDidError: its DID is misspelt.
    """
    if _is_card(content):
        card = cards.decode(content)
        return Source(card.did, card.entries)
    entries = read_log(content)
    if not entries or not entries[0].parameters.scid:
        raise cards.CardError("It is neither a card nor a log that begins with its first entry")
    return Source(f"did:mnem:{entries[0].parameters.scid}", entries)


def _is_card(content: bytes) -> bool:
    """Return whether it is one JSON object that says it is a card, or text of codes."""
    begin = content.lstrip()[:5]
    if begin.upper() == b"MNEM1" or not begin:
        return True
    try:
        found = parse(content, largest=cards.LARGEST, deepest=18)
    except StrictJsonError:
        return False
    return isinstance(found, dict) and "format" in found
