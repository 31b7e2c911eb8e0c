"""Erase: final, so everything that goes and everything that stays is shown before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from mnemosyne.cli import documents, moments, options, showing, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.memories.ports import BackupCopy
    from mnemosyne.memories.service.erasure import Erased, ErasePreview

_WORD = "erase"


def erase(
    context: typer.Context,
    memories: options.Memories,
    *,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Erase memories from every table and file, for good, with a signed receipt."""
    shell = shell_of(context)
    request = Request(shell, memories, yes=yes, dry_run=dry_run, as_json=as_json)
    run(context, request.carry_out)


@dataclass(frozen=True, slots=True)
class Request:
    """What should be erased, and how the person is asked."""

    shell: Shell
    memories: Sequence[str]
    yes: bool
    dry_run: bool
    as_json: bool

    async def carry_out(self, app: "Application", me: "Principal") -> None:
        """Show what would go, ask, and erase.

        Raises:
            MemoryNotFoundError, AmbiguousReferenceError
            NotConfirmedError, NoTerminalError: nobody said yes.
        """
        if len(self.memories) > 1 and not self.dry_run:
            me.require_secret()
        preview = await app.erasure.preview(me, self.memories)
        if not self.as_json:
            self._show(preview)
        if self.dry_run:
            self._end(preview)
            return
        self._ask()
        ids = [memory.id for memory in preview.memories]
        self._tell(await app.erasure.erase(me, ids))

    def _show(self, preview: "ErasePreview") -> None:
        page = self.shell.page
        page.line("This would go, for good:")
        page.rule()
        showing.listed(page, preview.memories)
        page.space()
        rows: list[tuple[str, str | Text]] = [
            (flat(name), f"{count:,}") for name, count in preview.copies.items() if count
        ]
        page.fields(rows)
        _show_backups(self.shell, preview.backups)

    def _ask(self) -> None:
        if self.yes:
            return
        if self.as_json:
            raise NotConfirmedError("nothing was erased", "Look at --dry-run, then use --yes.")
        self.shell.page.warning("It cannot be undone.")
        answer = unlock.ask(f"Type “{_WORD}” to do it", "Look at --dry-run first, then use --yes.")
        if answer.casefold() != _WORD:
            raise NotConfirmedError("nothing was erased")

    def _end(self, preview: "ErasePreview") -> None:
        if self.as_json:
            self.shell.page.document(
                {
                    "state": "preview",
                    "memories": [documents.memory(each) for each in preview.memories],
                    "copies": preview.copies,
                    "backups": [documents.backup_copy(each) for each in preview.backups],
                }
            )
            return
        self.shell.page.hint("Nothing was erased. Without --dry-run it would be.")

    def _tell(self, erased: "Erased") -> None:
        page = self.shell.page
        if self.as_json:
            page.document(
                {
                    "state": "erasing" if erased.entry is None else "erased",
                    "count": erased.count,
                    "receipt_entry": erased.entry,
                    "backups": [documents.backup_copy(each) for each in erased.backups],
                    "ledgers_not_reached": list(erased.unreached),
                }
            )
            return
        if erased.entry is None:
            page.line("Erasing: the rows are gone, and another process still reads old pages.")
            page.hint("It completes by itself, and then has its receipt: mnemosyne audit log")
        else:
            page.line(f"Erased. The receipt is entry {erased.entry} of your record.")
        for place in erased.unreached:
            page.line("The ledger was not reached: ", said(flat(place)))
        if erased.entry is not None:
            page.hint(f"mnemosyne audit receipt {erased.entry} > receipt.json")


def _show_backups(shell: Shell, backups: Sequence["BackupCopy"]) -> None:
    page = shell.page
    if not backups:
        page.line(Text("No backup that is known here holds it.", "quiet"))
        return
    page.line("These backups hold it until they expire (`backup prune` removes them at once):")
    for copy in backups:
        expires = moments.show_at(copy.expires_at, shell.node.zone)
        page.line("  ", said(flat(copy.path)), Text(f"  until {expires}", "quiet"))
