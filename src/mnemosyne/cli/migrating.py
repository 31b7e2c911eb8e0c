"""Bring a vault that an earlier version wrote to this one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from mnemosyne.cli import backup_facts, options, unlock
from mnemosyne.cli.running import Shell, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.safekeeping.migrating import Migrated

BackupTo = Annotated[
    Path | None,
    typer.Option(
        "--backup-to",
        metavar="FOLDER",
        help="Where the backup goes, best on another medium; without it beside the vault.",
    ),
]


def migrate(
    context: typer.Context, *, backup_to: BackupTo = None, as_json: options.AsJson = False
) -> None:
    """Bring a vault of an earlier version to this one, once a backup of it was made and proven."""
    shell = shell_of(context)
    secret = unlock.secret(shell.node, phrase=shell.phrase)
    migrated = shell.node.migrate(
        secret, backup_to, lambda step: shell.page.step(f"{step.capitalize()} …")
    )
    if as_json:
        shell.page.document(_document(migrated))
    else:
        _show(shell, migrated)


def _show(shell: Shell, migrated: "Migrated") -> None:
    page = shell.page
    if migrated.backup is None:
        page.line(f"The tables are those of this version already (revision {migrated.after}).")
        page.hint("mnemosyne status")
        return
    page.line(Text("The vault works with this version now.", "title"))
    page.rule()
    page.line(f"Its tables went from revision {migrated.before} to {migrated.after}. Before that a")
    page.line("backup was made, restored once, and gave everything back:")
    backup_facts.show_verdict(shell, migrated.backup)
    page.line("An earlier version opens the vault no more; the backup it still restores.")
    page.hint("mnemosyne status")


def _document(migrated: "Migrated") -> dict[str, object]:
    backup = migrated.backup
    return {
        "migrated": backup is not None,
        "from": migrated.before,
        "to": migrated.after,
        "backup": None if backup is None else backup_facts.verdict_document(backup),
        "receipt_entry": migrated.entry,
    }
