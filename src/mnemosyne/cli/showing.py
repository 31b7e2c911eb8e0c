"""Memories as a person reads them: in a list, alone, as days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.text import Text

from mnemosyne.cli import moments
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.kit.text import excerpt
from mnemosyne.memories.model import DomainSource, JsonValue, Memory, Pin, SecretState, Status

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.memories.service.memories import Day, Detail

SHORT: Final = 8
_EXCERPT: Final = 200
_ATTRIBUTES: Final = {  # names that readers of files give
    "path": "file",
    "date_from": "date is that of",
    "front_matter": "front matter",
    "aliases": "also called",
}
COLUMN: Final = moments.WIDTH + 2 + SHORT + 2


def short(identifier: str) -> str:
    """Return the end of an identifier, which is enough to name a memory."""
    return identifier[-SHORT:]


def listed(page: Page, memories: Iterable[Memory]) -> None:
    """Print memories one below the other: date, identifier, title, and how the text begins."""
    for memory in memories:
        row(page, memory)


def row(page: Page, memory: Memory, text: Text | None = None, note: str = "") -> None:
    """Print one memory of a list; ``text`` takes the place of its beginning."""
    date = f"{moments.show(memory.occurred):<{moments.WIDTH}}"
    head = Text.assemble((date, "date"), "  ", (short(memory.id), "id"), "  ")
    begins = said(excerpt(below_title(memory), _EXCERPT)) if text is None else text
    if memory.title:
        page.line(head, said(flat(memory.title), "title"))
        page.body(begins, indent=COLUMN)
    else:
        page.hanging(head, begins)
    if remarks := "  ".join(filter(None, (_context(memory), note))):
        page.body(Text(remarks, "quiet"), indent=COLUMN)


def below_title(memory: Memory) -> str:
    """Return the text without a first line that only says the title again, as notes often begin."""
    first, _, rest = memory.content.lstrip().partition("\n")
    again = bool(memory.title) and first.lstrip("#").strip() == memory.title.strip()
    return rest.lstrip() if again and rest.strip() else memory.content


def whole(page: Page, found: "Detail", zone: tzinfo) -> None:
    """Print one memory with everything that is known of it."""
    memory = found.memory
    page.rule()
    if memory.title:
        page.line(said(flat(memory.title), "title"))
    page.body(said(memory.content), indent=0)
    page.space()
    page.fields(list(_facts(memory, zone)))
    for each in found.wordings:
        page.space()
        recorded = moments.show_at(each.recorded_at, zone)
        page.line(Text(f"version {each.version}, of {recorded}", "quiet"))
        if each.title:
            page.body(said(flat(each.title), "title"), indent=2)
        page.body(said(each.content), indent=2)
    _links(page, found)


def days(page: Page, found: Sequence["Day"]) -> None:
    """Print days as headings with their hours in the margin; a month or year stays one."""
    blocks = ((name, block) for day in found for name, block in groupby(day.memories, _heading))
    for number, (name, block) in enumerate(blocks):
        if number:
            page.space()
        page.line(Text(name, "title"))
        for memory in block:
            shown = memory.occurred.local()
            margin = f"{shown:%H:%M}" if memory.occurred.precision == "instant" else " " * 5
            head = Text.assemble((margin, "date"), "  ", (short(memory.id), "id"), "  ")
            page.hanging(head, said(flat(memory.title) or excerpt(memory.content, _EXCERPT)))


def _heading(memory: Memory) -> str:
    return moments.show_day(memory.occurred)


def _context(memory: Memory) -> str:
    parts = [
        memory.place.speaker,
        memory.origin.source,
        *(f"#{tag}" for tag in memory.tags),
        *_domains(memory),
        *_marks(memory),
    ]
    return "  ".join(flat(part) for part in parts if part)


def _domains(memory: Memory) -> list[str]:
    """Return the domains that the person set, or else the likeliest guess."""
    told = [each.name for each in memory.domains if each.source is DomainSource.USER]
    return told or [each.name for each in memory.domains[:1]]


def _marks(memory: Memory) -> list[str]:
    found = [
        (memory.pin is not Pin.NORMAL, memory.pin.value),
        (memory.never_share, "never shared"),
        (memory.secrets is SecretState.FLAGGED, "may hold a secret"),
        (memory.status is Status.FAILED, "not enriched"),
        (memory.validity.valid_to is not None, "replaced"),
        (memory.in_bin, "in the bin"),
    ]
    return [mark for holds, mark in found if holds]


def _facts(memory: Memory, zone: tzinfo) -> Iterable[tuple[str, str]]:
    """Yield what is known beside the text, each with its name; what is empty is left out."""
    validity, reasons = memory.validity, "  ".join(memory.importance_reasons)
    forgotten = f"since {_at(memory.deleted_at, zone)}, by {memory.deleted_by}"
    facts = [
        ("happened", moments.show(memory.occurred)),
        ("stored", f"{_at(memory.created_at, zone)}, {memory.status.value}"),
        ("id", memory.id),
        ("type", memory.type.value),
        ("who", memory.place.speaker),
        ("source", f"{memory.origin.source} {memory.origin.source_id}"),
        ("address", memory.origin.url),
        ("tags", ", ".join(memory.tags)),
        ("domains", ", ".join(f"{d.name} {d.weight:.2f} ({d.source})" for d in memory.domains)),
        ("importance", f"{memory.importance:.2f}  {reasons}"),
        ("pin", "" if memory.pin is Pin.NORMAL else memory.pin.value),
        ("sharing", "never" if memory.never_share else ""),
        ("secrets", memory.secrets.value),
        ("language", memory.language),
        ("holds from", _at(validity.valid_from, zone)),
        ("held until", _at(validity.valid_to, zone)),
        ("in the bin", forgotten if memory.in_bin else ""),
    ]
    facts.extend(_attribute(name, value) for name, value in memory.attributes.items())
    return [(name, excerpt(value, _EXCERPT)) for name, value in facts if value.strip()]


def _attribute(name: str, value: JsonValue) -> tuple[str, str]:
    if (name, value) == ("date_from", "mtime"):
        value = "the file's last change"
    return f"· {_ATTRIBUTES.get(name) or flat(name)}", _words(value)


def _words(value: JsonValue) -> str:
    """Return a value that a source brought as a person would write it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case Mapping():
            return ", ".join(f"{name}: {_words(each)}" for name, each in value.items())
        case Sequence():
            return ", ".join(map(_words, value))


def _at(moment: datetime | None, zone: tzinfo) -> str:
    return "" if moment is None else moments.show_at(moment, zone)


def _links(page: Page, found: "Detail") -> None:
    rows = [(kind, flat(target)) for kind, target in found.links]
    if found.superseded_by:
        rows.append(("replaced by", short(found.superseded_by)))
    if rows:
        page.space()
        page.fields(rows)
