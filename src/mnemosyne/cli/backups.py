"""Backups: make one, list them, let them go."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import backup_facts, options, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.safekeeping.pruning import Pruned

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where backups lie, best on another medium.")
]
Containing = Annotated[
    str,
    typer.Option(metavar="ID", help="Those that hold this memory, due or not."),
]


def make_backup(context: typer.Context, folder: Folder, *, as_json: options.AsJson = False) -> None:
    """Write a sealed backup and prove it: it is restored to a temporary place and compared."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> None:
        made = await app.backups.make(
            me, folder, lambda step: shell.page.step(f"{step.capitalize()} …")
        )
        if as_json:
            shell.page.document(
                {
                    "backup": backup_facts.backup(made.backup),
                    "verdict": backup_facts.verdict_document(made.verdict),
                    "receipt_entry": made.entry,
                    "ledgers_not_reached": list(made.unreached),
                }
            )
            return
        shell.page.line("The backup is written, was restored once, and gives everything back.")
        shell.page.rule()
        backup_facts.show_verdict(shell, made.verdict)
        for place in made.unreached:
            shell.page.line("The ledger was not reached: ", said(flat(place)))
        shell.page.hint(f"mnemosyne verify {flat(str(made.backup.path))}")

    run(context, work)


def list_backups(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show the backups that this vault knows of."""
    shell = shell_of(context)
    known = run(context, lambda app, me: app.backups.known(me))
    if as_json:
        shell.page.document({"backups": [backup_facts.backup(each) for each in known]})
    elif not known:
        shell.page.line("No backup was made of this vault yet.")
        shell.page.hint("mnemosyne backup make /media/stick")
    else:
        shell.page.rule()
        backup_facts.show_backups(shell, known)
        shell.page.hint(f"mnemosyne verify {flat(str(known[0].path))}")


def prune_backups(
    context: typer.Context,
    *,
    containing: Containing = "",
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Remove backups that are past their day, or at once those that hold a memory."""
    shell = shell_of(context)

    async def prune(app: "Application", me: "Principal", *, dry: bool) -> "Pruned":
        if containing:
            return await app.pruning.prune_containing(me, containing, dry_run=dry)
        return await app.pruning.prune(me, dry_run=dry)

    async def work(app: "Application", me: "Principal") -> None:
        going = await prune(app, me, dry=True)
        if not dry_run and going.removed:
            if not yes:
                _ask_to_remove(shell, going)
            going = await prune(app, me, dry=False)
        _tell_pruned(shell, going, dry_run=dry_run, as_json=as_json)

    run(context, work)


def _ask_to_remove(shell: Shell, going: "Pruned") -> None:
    backup_facts.show_backups(shell, going.removed)
    shell.page.warning("They would be removed for good.")
    if unlock.ask("Type “yes” to remove them", "Look at --dry-run first, then use --yes.") != "yes":
        raise NotConfirmedError("no backup was removed")


def _tell_pruned(shell: Shell, pruned: "Pruned", *, dry_run: bool, as_json: bool) -> None:
    page = shell.page
    if as_json:
        page.document(
            {
                "dry_run": dry_run,
                "removed": [backup_facts.backup(each) for each in pruned.removed],
                "kept": [backup_facts.backup(each) for each in pruned.kept],
                "unreached": [backup_facts.backup(each) for each in pruned.unreached],
            }
        )
        return
    if not (pruned.removed or pruned.kept or pruned.unreached):
        page.line("No backup has to go.")
    for head, backups in (
        ("Would be removed:" if dry_run else "Removed:", pruned.removed),
        ("Due, and kept because it is the newest proven one:", pruned.kept),
        ("Could not be reached:", pruned.unreached),
    ):
        if backups:
            page.line(head)
            backup_facts.show_backups(shell, backups)
    page.hint("mnemosyne backup list")
