"""Backups: make, list, prune, verify; and bring a vault back."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from mnemosyne.cli import moments, options, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.cli.running import Shell, run, shell_of, tell

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.safekeeping.pruning import Pruned
    from mnemosyne.safekeeping.restore import RestoreChoices, Restored
    from mnemosyne.safekeeping.store import KnownBackup
    from mnemosyne.safekeeping.verify import Verdict

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where backups lie, best on another medium.")
]
Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]
Containing = Annotated[
    str,
    typer.Option(metavar="ID", help="Those that hold this memory, due or not."),
]
AllowOlder = Annotated[
    bool, typer.Option("--allow-older", help="Restore although the vault here is newer.")
]
WithoutLedger = Annotated[
    bool, typer.Option("--without-ledger", help="Restore although later erasures are unknown.")
]
ReplaceOther = Annotated[
    bool, typer.Option("--replace-other", help="Put it in the place of another vault.")
]
Ledgers = Annotated[
    list[Path] | None,
    typer.Option("--ledger", metavar="FOLDER", help="Where else an erasure ledger may lie."),
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
                    "backup": _backup(made.backup),
                    "verdict": _verdict(made.verdict),
                    "receipt_entry": made.entry,
                    "ledgers_not_reached": list(made.unreached),
                }
            )
            return
        shell.page.line("The backup is written, was restored once, and gives everything back.")
        shell.page.rule()
        _show_verdict(shell, made.verdict)
        for place in made.unreached:
            shell.page.line("The ledger was not reached: ", said(flat(place)))
        shell.page.hint(f"mnemosyne verify {flat(str(made.backup.path))}")

    run(context, work)


def list_backups(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show the backups that this vault knows of."""
    shell = shell_of(context)
    known = run(context, lambda app, me: app.backups.known(me))
    if as_json:
        shell.page.document({"backups": [_backup(each) for each in known]})
    elif not known:
        shell.page.line("No backup was made of this vault yet.")
        shell.page.hint("mnemosyne backup make /media/stick")
    else:
        shell.page.rule()
        _show_backups(shell, known)
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


def verify(context: typer.Context, file: Backup, *, as_json: options.AsJson = False) -> None:
    """Check every byte of a backup, restore it to a temporary place, and compare what it holds."""
    shell = shell_of(context)
    if unlock.has_vault(shell.node):
        verdict = run(context, lambda app, me: app.backups.verify(me, file))
    else:
        secret = unlock.secret_of_backup(shell.node, phrase=shell.phrase)
        verdict = shell.node.verify_backup(file, secret)
    if as_json:
        shell.page.document({"whole": True, "verdict": _verdict(verdict)})
        return
    shell.page.line("The backup is whole, and gives back what went in.")
    shell.page.rule()
    _show_verdict(shell, verdict)
    shell.page.hint(f"mnemosyne restore {flat(str(file))}")


def restore(
    context: typer.Context,
    file: Backup,
    *,
    allow_older: AllowOlder = False,
    without_ledger: WithoutLedger = False,
    replace_other: ReplaceOther = False,
    ledgers: Ledgers = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring a vault back from a backup. Damage is found before a byte of the vault is touched."""
    from mnemosyne.safekeeping.restore import RestoreChoices  # noqa: PLC0415 - brings the database

    shell = shell_of(context)
    if dry_run:
        _rehearse(shell, file, as_json=as_json)
        return
    if unlock.has_vault(shell.node) and not yes:
        shell.page.warning(f"The vault in {shell.node.home} would be replaced.")
        if unlock.ask("Type “restore” to go on", "Use --yes to restore.") != "restore":
            raise NotConfirmedError("nothing was restored")
    choices = RestoreChoices(allow_older, without_ledger, replace_other, tuple(ledgers or ()))
    restored = _restored(shell, file, choices)
    if as_json:
        shell.page.document(_restored_document(restored))
    else:
        _show_restored(shell, restored)


def _restored(shell: Shell, file: Path, choices: "RestoreChoices") -> "Restored":
    """Restore; where the person has to decide, say what it is about and ask."""
    from mnemosyne.safekeeping.ledger_errors import LedgerMissingError  # noqa: PLC0415
    from mnemosyne.safekeeping.restore_errors import OlderBackupError, OtherVaultError  # noqa: PLC0415

    secret = unlock.secret_of_backup(shell.node, phrase=shell.phrase)
    while True:
        try:
            return shell.node.restore(file, secret, choices)
        except (LedgerMissingError, OlderBackupError, OtherVaultError) as error:
            if not unlock.can_ask():
                raise
            tell(error, as_json=False)
            if unlock.ask("Type “yes” to restore all the same", "") != "yes":
                raise NotConfirmedError("nothing was restored") from error
            match error:
                case LedgerMissingError():
                    choices = replace(choices, without_ledger=True)
                case OlderBackupError():
                    choices = replace(choices, allow_older=True)
                case OtherVaultError():
                    choices = replace(choices, replace_other=True)


def _rehearse(shell: Shell, file: Path, *, as_json: bool) -> None:
    secret = unlock.secret_of_backup(shell.node, phrase=shell.phrase)
    verdict = shell.node.verify_backup(file, secret)
    if as_json:
        shell.page.document({"restored": False, "verdict": _verdict(verdict)})
        return
    shell.page.line("This would be restored:")
    shell.page.rule()
    _show_verdict(shell, verdict)
    shell.page.hint("Nothing was touched. Without --dry-run it would be.")


def _show_restored(shell: Shell, restored: "Restored") -> None:
    page = shell.page
    page.line(Text("The vault is back, and equal to its backup.", "title"))
    page.rule()
    _show_verdict(shell, restored.verdict)
    if restored.ledger is None:
        page.line("No erasure ledger was applied: what was erased since may be back.")
    else:
        page.line(f"Erasures since were applied again: {restored.erased_again:,} memories.")
    for refused in restored.refused:
        page.line("A ledger was refused: ", said(flat(str(refused.path))))
    if restored.live_unreadable:
        page.line("The vault that was replaced could not be read, so ages were not compared.")
    page.hint("mnemosyne status")


def _restored_document(restored: "Restored") -> dict[str, object]:
    return {
        "restored": True,
        "verdict": _verdict(restored.verdict),
        "receipt_entry": restored.entry,
        "ledger": restored.ledger,
        "erased_again": restored.erased_again,
        "ledgers_refused": [str(each.path) for each in restored.refused],
        "replaced": restored.replaced,
        "replaced_was_unreadable": restored.live_unreadable,
    }


def _ask_to_remove(shell: Shell, going: "Pruned") -> None:
    _show_backups(shell, going.removed)
    shell.page.warning("They would be removed for good.")
    if unlock.ask("Type “yes” to remove them", "Look at --dry-run first, then use --yes.") != "yes":
        raise NotConfirmedError("no backup was removed")


def _tell_pruned(shell: Shell, pruned: "Pruned", *, dry_run: bool, as_json: bool) -> None:
    page = shell.page
    if as_json:
        page.document(
            {
                "dry_run": dry_run,
                "removed": [_backup(each) for each in pruned.removed],
                "kept": [_backup(each) for each in pruned.kept],
                "unreached": [_backup(each) for each in pruned.unreached],
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
            _show_backups(shell, backups)
    page.hint("mnemosyne backup list")


def _show_backups(shell: Shell, backups: Sequence["KnownBackup"]) -> None:
    zone = shell.node.zone
    for each in backups:
        taken = f"{moments.show_at(each.taken_at, zone):<{moments.WIDTH}}"
        proven = "proven" if each.verified_at else "not proven"
        expires = moments.show_at(each.expires_at, zone)
        shell.page.line(Text(taken, "date"), "  ", said(flat(str(each.path))))
        shell.page.body(Text(f"{proven}, kept until {expires}", "quiet"), indent=moments.WIDTH + 2)


def _show_verdict(shell: Shell, verdict: "Verdict") -> None:
    zone = shell.node.zone
    memories = verdict.rows.get("memory", 0)
    page: Page = shell.page
    page.fields(
        [
            ("file", flat(str(verdict.path))),
            ("taken", moments.show_at(verdict.taken_at, zone)),
            ("number", str(verdict.counter)),
            ("memories", f"{memories:,}"),
            ("size", f"{verdict.size:,} bytes"),
            ("kept until", moments.show_at(verdict.expires_at, zone)),
            ("made by", f"version {flat(verdict.app_version)}"),
        ]
    )


def _backup(known: "KnownBackup") -> dict[str, object]:
    return {
        "path": str(known.path),
        "number": known.counter,
        "taken_at": known.taken_at.isoformat(),
        "expires_at": known.expires_at.isoformat(),
        "verified_at": None if known.verified_at is None else known.verified_at.isoformat(),
        "size": known.size,
        "sha256": known.digest,
    }


def _verdict(verdict: "Verdict") -> dict[str, object]:
    return {
        "path": str(verdict.path),
        "vault_id": verdict.vault_id,
        "number": verdict.counter,
        "taken_at": verdict.taken_at.isoformat(),
        "expires_at": verdict.expires_at.isoformat(),
        "app_version": verdict.app_version,
        "schema_revision": verdict.schema_revision,
        "rows": dict(verdict.rows),
        "size": verdict.size,
        "sha256": verdict.digest,
    }
