"""Check a backup, and bring a vault back from one."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from mnemosyne.cli import backup_facts, options, texts, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import flat, how_many, said
from mnemosyne.cli.running import Shell, run, shell_of, tell

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.safekeeping.losses import Loss
    from mnemosyne.safekeeping.restore import RestoreChoices, Restored

Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]
Containing = Annotated[
    str,
    typer.Option(metavar="ID", help="Those that hold this memory, due or not."),
]
AllowOlder = Annotated[
    bool, typer.Option("--allow-older", help="Restore although the vault here holds more.")
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


def verify(context: typer.Context, file: Backup, *, as_json: options.AsJson = False) -> None:
    """Check every byte of a backup, restore it to a temporary place, and compare what it holds."""
    shell = shell_of(context)
    texts.require_file(file)
    if unlock.has_vault(shell.node):
        verdict = run(context, lambda app, me: app.backups.verify(me, file))
    else:
        secret = unlock.secret_of_backup(shell.node, phrase=shell.phrase)
        verdict = shell.node.verify_backup(file, secret)
    if as_json:
        shell.page.document({"whole": True, "verdict": backup_facts.verdict_document(verdict)})
        return
    shell.page.line("The backup is whole, and gives back what went in.")
    shell.page.rule()
    backup_facts.show_verdict(shell, verdict)
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
    texts.require_file(file)
    choices = RestoreChoices(allow_older, without_ledger, replace_other, tuple(ledgers or ()))
    if dry_run:
        _rehearse(shell, file, replace(choices, rehearsal=True), as_json=as_json)
        return
    if unlock.has_vault(shell.node) and not yes:
        shell.page.warning(f"The vault in {shell.node.home} would be replaced.")
        if unlock.ask("Type “restore” to go on", "Use --yes to restore.") != "restore":
            raise NotConfirmedError("nothing was restored")
    restored = _restored(shell, file, choices)
    shell.node.end_holder()  # whatever it holds is of the vault that was there before
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


def _rehearse(shell: Shell, file: Path, choices: "RestoreChoices", *, as_json: bool) -> None:
    secret = unlock.secret_of_backup(shell.node, phrase=shell.phrase)
    rehearsed = shell.node.restore(file, secret, choices)
    if as_json:
        shell.page.document(
            {
                "restored": False,
                "verdict": backup_facts.verdict_document(rehearsed.verdict),
                "ledger": rehearsed.ledger,
                "erased_again": rehearsed.erased_again,
                "would_be_lost": _loss_document(rehearsed.lost),
            }
        )
        return
    shell.page.line("This would be restored:")
    shell.page.rule()
    backup_facts.show_verdict(shell, rehearsed.verdict)
    if rehearsed.erased_again:
        shell.page.line(f"Erasures since, applied again: {how_many(rehearsed.erased_again)}.")
    if rehearsed.lost:
        shell.page.warning(
            f"Only the vault here holds this, and it would be gone: {rehearsed.lost}."
        )
    shell.page.hint("Nothing was touched. Without --dry-run it would be.")


def _show_restored(shell: Shell, restored: "Restored") -> None:
    page = shell.page
    page.line(Text("The vault is back, and equal to its backup.", "title"))
    page.rule()
    backup_facts.show_verdict(shell, restored.verdict)
    if restored.ledger is None:
        page.line("No erasure ledger was applied: what was erased since may be back.")
    else:
        page.line(f"Erasures since were applied again: {how_many(restored.erased_again)}.")
    if restored.lost:
        page.line(f"Gone with the vault that was replaced: {restored.lost}.")
    for refused in restored.refused:
        page.line("A ledger was refused: ", said(flat(str(refused.path))))
    if restored.live_unreadable:
        page.line("The vault that was replaced could not be read, so ages were not compared.")
    if restored.did_ahead:
        page.line("Your DID was changed since: the copy of its log beside the vault is ahead.")
        page.hint(f"mnemosyne did confirm {shell.node.home / 'did-log.jsonl'}")
        return
    if restored.earlier_node_key:
        page.line("It signs again with a node key that was replaced after this backup was made.")
        page.hint("mnemosyne key rotate")
        return
    page.hint("mnemosyne status")


def _restored_document(restored: "Restored") -> dict[str, object]:
    return {
        "restored": True,
        "verdict": backup_facts.verdict_document(restored.verdict),
        "receipt_entry": restored.entry,
        "ledger": restored.ledger,
        "erased_again": restored.erased_again,
        "ledgers_refused": [str(each.path) for each in restored.refused],
        "replaced": restored.replaced,
        "replaced_was_unreadable": restored.live_unreadable,
        "earlier_node_key": restored.earlier_node_key,
        "did_ahead": restored.did_ahead,
        "lost": _loss_document(restored.lost),
    }


def _loss_document(lost: "Loss") -> dict[str, object]:
    return {
        "memories": lost.memories,
        "changed_memories": lost.changes,
        "contacts": lost.contacts,
        "people_of_the_node": lost.people,
        "did_entries": lost.did_entries,
    }
