"""What full text indexes of a memory: its words, and the context in which they were said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mnemosyne.memories.model import JsonValue, Moment, Precision
from mnemosyne.memories.search.folding import bigrams, folded, spaced

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    *("Saturday", "Sunday"),
)


@dataclass(frozen=True, slots=True)
class FullTextDocument:
    """The columns of one row of the full-text table."""

    title: str
    body: str
    context: str
    bigrams: str


def document(
    content: str,
    *,
    title: str,
    speaker: str,
    source: str,
    tags: Sequence[str],
    occurred: Moment,
    caption: str = "",
) -> FullTextDocument:
    """Return what is indexed: speaker, date words, source, tags and caption are the context."""
    context = folded(" ".join((speaker, date_words(occurred), source, *tags, caption)))
    heading, body = folded(title), folded(content)
    pairs = " ".join(bigrams(f"{heading} {body} {context}"))
    return FullTextDocument(spaced(heading), spaced(body), spaced(context), pairs)


def caption_of(attributes: Mapping[str, JsonValue]) -> str:
    """Return what a memory's source says of its picture, where it says so."""
    caption = attributes.get("caption")
    return caption if isinstance(caption, str) else ""


def date_words(occurred: Moment) -> str:
    """Return the local day in English words, as people ask for it: “Monday 8 May 2023”."""
    day = occurred.local()
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    match occurred.precision:
        case Precision.YEAR:
            return str(day.year)
        case Precision.MONTH:
            return month
        case _:
            return f"{_WEEKDAYS[day.weekday()]} {day.day} {month}"
