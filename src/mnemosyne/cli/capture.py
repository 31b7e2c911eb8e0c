"""Put a memory in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import documents, moments, options, showing, texts
from mnemosyne.cli.node import Node
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.ids import new_id
from mnemosyne.memories.model import Captured, Draft, MemoryType

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TEXT", help="The text; “-” reads it from a pipe; nothing opens your editor."
    ),
]
Title = Annotated[str, typer.Option(metavar="TEXT", help="A title, at most 255 characters.")]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="NAME", help="A tag; one or several."),
]
Domains = Annotated[
    list[str] | None,
    typer.Option("--domain", metavar="NAME", help="A domain; one or several."),
]
When = Annotated[
    str, typer.Option(metavar="DATE", help="When it happened: 2025-03-12, March 2025, yesterday.")
]
Importance = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", min=0.0, max=1.0, help="How much it matters, 0 to 1."),
]
NeverShare = Annotated[bool, typer.Option("--never-share", help="Keep it from ever being shared.")]
OfType = Annotated[MemoryType, typer.Option("--type", help="What kind of thing it is.")]


def capture(
    context: typer.Context,
    words: Words = None,
    *,
    title: Title = "",
    tags: Tags = None,
    domains: Domains = None,
    when: When = "",
    importance: Importance = None,
    never_share: NeverShare = False,
    kind: OfType = MemoryType.NOTE,
    key: options.Key = "",
    as_json: options.AsJson = False,
) -> None:
    """Remember a text. It is on the disk when this answers; the rest follows by itself."""
    shell = shell_of(context)
    text = texts.given_or_awaited(words or ())
    occurred = moments.read(when, shell.node.zone, shell.node.now()) if when else None
    answer = _Answer(shell, as_json=as_json)

    async def work(app: "Application", me: "Principal") -> None:
        with texts.given_or_written(text) as content:
            draft = Draft(
                content=content,
                title=title,
                type=kind,
                occurred=occurred,
                tags=tuple(tags or ()),
                domains=tuple(domains or ()),
                importance=importance,
                never_share=never_share,
            )
            captured = await app.memories.capture(me, draft, key or fresh_key(shell.node))
        answer.say(captured)
        await app.dispatcher.drain(shell.node.drain_seconds)

    run(context, work)


@dataclass(frozen=True, slots=True)
class _Answer:
    shell: Shell
    as_json: bool

    def say(self, captured: Captured) -> None:
        """Acknowledge before anything slow begins."""
        page, memory = self.shell.page, captured.memory
        if self.as_json:
            page.document({"created": captured.created, "memory": documents.memory(memory)})
            return
        page.line("Remembered." if captured.created else "This was remembered before: ")
        page.rule()
        showing.row(page, memory)
        page.hint(f"mnemosyne get {showing.short(memory.id)}")


def fresh_key(node: Node) -> str:
    """Return a new name for one request."""
    return f"shell-{new_id(node.now())}"
