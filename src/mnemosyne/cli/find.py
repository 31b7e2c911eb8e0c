"""Look at memories: one, a list, days."""

from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import documents, options, showing
from mnemosyne.cli.options import Narrowing
from mnemosyne.cli.output import Page
from mnemosyne.cli.running import run, shell_of
from mnemosyne.memories.paging import Order

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

OrderBy = Annotated[Order, typer.Option("--order", help="How the list is sorted.")]
History = Annotated[bool, typer.Option("--history", help="What was replaced is shown as well.")]
FromBin = Annotated[bool, typer.Option("--all", help="Look in the bin as well.")]


def get(
    context: typer.Context,
    memory: options.Memory,
    *,
    everywhere: FromBin = False,
    as_json: options.AsJson = False,
) -> None:
    """Read one memory with its earlier wordings and everything known of it."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> None:
        if not everywhere:
            await app.memories.get(me, memory)  # refuses what is in the bin, and counts the use
        found = await app.memories.detail(me, memory)
        if as_json:
            shell.page.document(documents.detail(found))
            return
        showing.whole(shell.page, found, shell.node.zone)
        shell.page.space()
        shell.page.hint(f"mnemosyne edit {showing.short(found.memory.id)}")

    run(context, work)


def list_memories(
    context: typer.Context,
    *,
    after: options.After = "",
    before: options.Before = "",
    as_of: options.AsOf = "",
    known_at: options.KnownAt = "",
    history: History = False,
    domain: options.Domain = "",
    tag: options.Tag = "",
    source: options.Source = "",
    kind: options.Type = None,
    person: options.Who = "",
    min_importance: options.MinImportance = None,
    order: OrderBy = Order.TIME,
    limit: options.Limit = 20,
    cursor: options.CursorText = "",
    as_json: options.AsJson = False,
) -> None:
    """List memories, what happened last first."""
    shell = shell_of(context)
    wanted = Narrowing(
        after=after,
        before=before,
        as_of=as_of,
        known_at=known_at,
        history=history,
        domain=domain,
        tag=tag,
        source=source,
        person=person,
        min_importance=min_importance,
        type=kind,
    )

    async def work(app: "Application", me: "Principal") -> None:
        narrowed = await wanted.filter(shell.node, app, me)
        found = await app.memories.page(me, narrowed, order=order, cursor=cursor, limit=limit)
        if as_json:
            shell.page.document(
                {
                    "memories": [documents.memory(each) for each in found.items],
                    "next_cursor": found.next_cursor,
                }
            )
        elif found.items:
            shell.page.rule()
            showing.listed(shell.page, found.items)
            _next(shell.page, found.next_cursor, showing.short(found.items[0].id))
        else:
            nothing(shell.page, wanted)

    run(context, work)


def timeline(
    context: typer.Context,
    *,
    after: options.After = "",
    before: options.Before = "",
    as_of: options.AsOf = "",
    known_at: options.KnownAt = "",
    domain: options.Domain = "",
    tag: options.Tag = "",
    source: options.Source = "",
    kind: options.Type = None,
    person: options.Who = "",
    min_importance: options.MinImportance = None,
    limit: options.Limit = 100,
    cursor: options.CursorText = "",
    as_json: options.AsJson = False,
) -> None:
    """Show memories by the day on which they happened, where they happened."""
    shell = shell_of(context)
    wanted = Narrowing(
        after=after,
        before=before,
        as_of=as_of,
        known_at=known_at,
        domain=domain,
        tag=tag,
        source=source,
        person=person,
        min_importance=min_importance,
        type=kind,
    )

    async def work(app: "Application", me: "Principal") -> None:
        narrowed = await wanted.filter(shell.node, app, me)
        found = await app.memories.timeline(me, narrowed, cursor=cursor, limit=limit)
        if as_json:
            shell.page.document(
                {
                    "days": [documents.day(each) for each in found.items],
                    "next_cursor": found.next_cursor,
                }
            )
        elif found.items:
            shell.page.rule()
            showing.days(shell.page, found.items)
            first = found.items[0].memories[0]
            _next(shell.page, found.next_cursor, showing.short(first.id))
        else:
            nothing(shell.page, wanted)

    run(context, work)


def nothing(page: Page, wanted: Narrowing) -> None:
    """Say why a list is empty, and what would fill it."""
    if wanted.empty:
        page.line("Nothing is remembered yet.")
        page.hint('mnemosyne capture "What happened today"   or   mnemosyne import FOLDER')
    else:
        page.line("Nothing fits.")
        page.hint("Leave out one of the options, or look at everything: mnemosyne list")


def _next(page: Page, cursor: str, first: str) -> None:
    if cursor:
        page.hint(f"more: the same with --cursor {cursor}")
    page.hint(f"mnemosyne get {first}")
