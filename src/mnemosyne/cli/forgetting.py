"""Forget, and take it back: the bin."""

from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import documents, erase, moments, options, showing
from mnemosyne.cli.output import flat, how_many
from mnemosyne.cli.running import run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

Many = Annotated[
    bool, typer.Option("--many", help="Forget more than 20 an hour, after looking at them.")
]


def forget(
    context: typer.Context,
    memories: options.Memories,
    *,
    many: Many = False,
    as_json: options.AsJson = False,
) -> None:
    """Put memories into the bin: hidden everywhere, and restored by a word."""
    shell = shell_of(context)
    gone = run(context, lambda app, me: app.bin.forget(me, memories, many=many))
    if as_json:
        shell.page.document({"memories": [documents.memory(each) for each in gone]})
        return
    shell.page.line(f"In the bin, {how_many(len(gone))}. Nothing leaves it by time.")
    shell.page.rule()
    showing.listed(shell.page, gone)
    shell.page.hint("mnemosyne bin restore " + " ".join(showing.short(each.id) for each in gone))


def list_bin(
    context: typer.Context,
    *,
    limit: options.Limit = 20,
    cursor: options.CursorText = "",
    as_json: options.AsJson = False,
) -> None:
    """Show what is in the bin, who put it there, and when."""
    shell = shell_of(context)
    found = run(context, lambda app, me: app.bin.page(me, cursor=cursor, limit=limit))
    if as_json:
        shell.page.document(
            {
                "memories": [documents.binned(each) for each in found.items],
                "next_cursor": found.next_cursor,
            }
        )
        return
    if not found.items:
        shell.page.line("The bin is empty.")
        shell.page.hint("mnemosyne forget ID   puts a memory here, from where it can come back")
        return
    shell.page.rule()
    for each in found.items:
        at = each.memory.deleted_at or shell.node.now()
        since = moments.show_at(at, shell.node.zone)
        offer = "  30 days: erase it?" if each.offered else ""
        by = flat(each.memory.deleted_by)
        showing.row(shell.page, each.memory, note=f"since {since}, by {by}{offer}")
    if found.next_cursor:
        shell.page.hint(f"mnemosyne bin list --cursor {found.next_cursor}")
    else:
        last = showing.short(found.items[0].memory.id)
        shell.page.hint(f"mnemosyne bin restore {last}   or, for good: mnemosyne erase {last}")


def restore_from_bin(
    context: typer.Context, memories: options.Memories, *, as_json: options.AsJson = False
) -> None:
    """Take memories out of the bin, as they were."""
    shell = shell_of(context)
    back = run(context, lambda app, me: app.bin.restore(me, memories))
    if as_json:
        shell.page.document({"memories": [documents.memory(each) for each in back]})
        return
    shell.page.line(f"Back from the bin, {how_many(len(back))}.")
    shell.page.rule()
    showing.listed(shell.page, back)
    shell.page.hint("mnemosyne list")


def empty_bin(
    context: typer.Context,
    *,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Erase everything in the bin, for good, after a look at it."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> None:
        ids = [each.id for each in await app.bin.everything(me)]
        if ids:
            request = erase.Request(shell, ids, yes=yes, dry_run=dry_run, as_json=as_json)
            await request.carry_out(app, me)
        elif as_json:
            shell.page.document({"state": "nothing", "count": 0})
        else:
            shell.page.line("The bin is empty; there is nothing to erase.")
            shell.page.hint("mnemosyne list")

    run(context, work)
