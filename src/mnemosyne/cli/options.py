"""Options that several commands share, and the filter they make."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import moments
from mnemosyne.cli.node import Node
from mnemosyne.memories.model import Filter, MemoryType

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PhraseFile = Annotated[
    Path | None,
    typer.Option(
        "--phrase-file",
        metavar="FILE",
        help="The recovery phrase in a private file; “-” reads it. Otherwise it is asked for.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and do nothing.")]
Limit = Annotated[int, typer.Option(metavar="NUMBER", min=1, max=1000, help="At most so many.")]
SearchLimit = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", min=1, max=200, help="At most so many.")
]
CursorText = Annotated[str, typer.Option("--cursor", metavar="CURSOR", help="Go on after a page.")]
Key = Annotated[
    str,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        help="Name this request; repeating it with the same name does it once. One is made up.",
    ),
]
Memory = Annotated[str, typer.Argument(metavar="ID", help="An identifier, or the end of one.")]
Memories = Annotated[
    list[str], typer.Argument(metavar="ID", help="Identifiers, or the ends of them.")
]

After = Annotated[str, typer.Option(metavar="DATE", help="Not before the beginning of this date.")]
Before = Annotated[str, typer.Option(metavar="DATE", help="Before the beginning of this date.")]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="What held at the end of this date.")
]
KnownAt = Annotated[
    str,
    typer.Option(
        "--known-at", metavar="DATE", help="By what was recorded at the end of this date."
    ),
]
Domain = Annotated[str, typer.Option(metavar="NAME", help="Of this domain.")]
Tag = Annotated[str, typer.Option(metavar="NAME", help="With this tag.")]
Source = Annotated[str, typer.Option(metavar="NAME", help="From this source, such as chatgpt.")]
Type = Annotated[MemoryType | None, typer.Option("--type", help="Of this type.")]
Who = Annotated[str, typer.Option("--person", metavar="NAME", help="Who said it, or is named.")]
MinImportance = Annotated[
    float | None,
    typer.Option(
        "--min-importance",
        metavar="NUMBER",
        min=0.0,
        max=1.0,
        help="At least so important, 0 to 1.",
    ),
]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a person asked for, as typed."""

    after: str = ""
    before: str = ""
    as_of: str = ""
    known_at: str = ""
    history: bool = False
    domain: str = ""
    tag: str = ""
    source: str = ""
    type: MemoryType | None = None
    person: str = ""
    min_importance: float | None = None

    async def filter(self, node: Node, app: "Application", me: "Principal") -> Filter:
        """Return the filter; a person is looked for under every name they go by.

        Raises:
            DateUnclearError: a date cannot be read.
        """
        zone, now = node.zone, node.now()
        return Filter(
            after=moments.beginning(self.after, zone, now) if self.after else None,
            before=moments.beginning(self.before, zone, now) if self.before else None,
            as_of=moments.end(self.as_of, zone, now) if self.as_of else None,
            known_at=moments.end(self.known_at, zone, now) if self.known_at else None,
            history=self.history,
            domain=self.domain.strip().casefold(),
            tag=self.tag.strip().removeprefix("#").casefold(),
            source=self.source.strip(),
            type=self.type,
            person=await _names(app, me, self.person) if self.person else (),
            min_importance=self.min_importance,
        )

    @property
    def empty(self) -> bool:
        """Whether nothing narrows."""
        return self == Narrowing()


async def _names(app: "Application", me: "Principal", person: str) -> tuple[str, ...]:
    wanted = person.strip().casefold()
    for contact in await app.contacts.everyone(me):
        if wanted in {name.casefold() for name in contact.names}:
            return contact.names
    return (person.strip(),)
