"""One long text becomes the parts of one thread; a short one stays one memory."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mnemosyne.kit.text import excerpt
from mnemosyne.memories.importing.entry import Entry
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.markup import distinct


def part_id(source_id: str, position: int) -> str:
    """Name a part of a text; the first keeps the name of the whole, as it had when it was short."""
    return source_id if position == 0 else f"{source_id}#{position + 1}"


def in_thread(whole: Entry, parts: Iterable[Entry]) -> tuple[Entry, ...]:
    """Make ``parts`` one thread that is named after ``whole``; one part needs no thread."""
    found = tuple(parts)
    if len(found) == 1:
        return found
    return tuple(
        replace(
            part,
            source_id=part_id(whole.source_id, position),
            thread=whole.source_id,
            position=position,
            attributes={**part.attributes, "parts": len(found)},
        )
        for position, part in enumerate(found)
    )


def messages_within(entry: Entry, texts: tuple[str, ...], position: int) -> Iterator[Entry]:
    """Yield ``entry`` cut into ``texts``, at consecutive positions of the thread it stands in."""
    for number, text in enumerate(texts):
        yield replace(
            entry,
            text=text,
            source_id=part_id(entry.source_id, number),
            position=position + number,
        )


def fitting_tags(found: Iterable[str], limits: Limits) -> tuple[str, ...]:
    """Return tags in lower case, without #, each once; those that are too long are left out."""
    cleaned = (tag.strip().removeprefix("#").casefold() for tag in found)
    fitting = (tag for tag in cleaned if 0 < len(tag) <= limits.tag_characters)
    return distinct(fitting, limits.marks)


def fitting_title(title: str, most: int) -> str:
    """Return ``title`` on one line, at most ``most`` characters."""
    return excerpt(title, most)
