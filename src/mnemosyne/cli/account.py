"""Your account: erase the person, all of them, for good."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from mnemosyne.cli import documents, options, unlock
from mnemosyne.cli.acting import Person, acting_for
from mnemosyne.cli.errors import NotConfirmedError, OutputFileError
from mnemosyne.cli.output import flat, how_many_entries, said
from mnemosyne.cli.row_names import named
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.durable_file import replace_durably

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.safekeeping.erasure_completion import PersonErased
    from mnemosyne.safekeeping.person_erasure import PersonPreview

_INSTEAD = "Look at --dry-run first, then give --confirm and the name."

Confirm = Annotated[
    str, typer.Option("--confirm", metavar="NAME", help="The name as it stands here: do not ask.")
]
ReceiptFile = Annotated[
    Path | None, typer.Option("--receipt-out", metavar="FILE", help="A new file for the receipt.")
]


def erase(
    context: typer.Context,
    *,
    confirm: Confirm = "",
    receipt_out: ReceiptFile = None,
    person: Person = "",
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Erase yourself: memories, people, keys, identities, all of it, with a signed receipt."""
    shell = shell_of(context)
    request = Request(shell, confirm, receipt_out, dry_run=dry_run, as_json=as_json)
    try:
        run(context, acting_for(person, request.carry_out))
    except MnemosyneError as error:
        if error.code != "person-erased" or dry_run:
            raise
        _complete(context, request)


def _complete(context: typer.Context, request: "Request") -> None:
    """Complete an erase that was interrupted, or whose receipt did not arrive.

    Raises:
        PersonErasedError: it is complete, and the receipt was handed out.
    """
    shell = request.shell
    secret = unlock.secret(shell.node, phrase=shell.phrase)

    async def completed() -> None:
        async with shell.node.open_erasure(secret, context.command_path) as completion:
            pending = await completion.waiting()
            request.reserve()
            erased = await completion.complete(pending)
            request.tell(erased)
            await completion.handed_out(erased)

    asyncio.run(completed())
    shell.node.end_holder()


@dataclass(frozen=True, slots=True)
class Request:
    """How the person is asked, and where the receipt goes."""

    shell: Shell
    confirm: str
    receipt_out: Path | None
    dry_run: bool
    as_json: bool

    async def carry_out(self, app: "Application", me: "Principal") -> None:
        """Show what would go, ask for the name, erase, and hand out the receipt.

        Raises:
            NotConfirmedError, NoTerminalError: the name was not given.
            OutputFileError: the receipt has no place; nothing was erased.
            VaultBusyError: another process uses the vault.
        """
        if not self.dry_run:
            me.require_secret()
        preview = await app.person_erasure.preview(me)
        if not self.as_json:
            self._show(preview)
        if self.dry_run:
            self._end(preview)
            return
        self._ask(preview.name)
        self.reserve()
        erased = await app.person_erasure.erase(me)
        self.tell(erased)
        await app.person_erasure.handed_out(erased)
        if not preview.others:
            self.shell.node.end_holder()  # the key it gives out opens nothing of anybody

    def _show(self, preview: "PersonPreview") -> None:
        page = self.shell.page
        page.line("This would go, for good: everything of ", said(flat(preview.name)))
        page.rule()
        page.fields([(named(table), f"{count:,}") for table, count in preview.rows.items()])
        stays = how_many_entries(preview.entries)
        page.line(f"What stays: {stays} of the record, under a name of nobody.")
        if preview.others:
            page.line(f"Others on this node keep everything: {preview.others:,}.")
        self._show_backups([documents.backup_copy(each) for each in preview.backups])

    def _show_backups(self, backups: list[dict[str, object]]) -> None:
        page = self.shell.page
        if not backups:
            page.line(Text("No backup that is known here holds any of it.", "quiet"))
            return
        page.line("These backups still hold it, until their files are deleted:")
        for each in backups:
            page.line("  ", said(flat(str(each["path"]))))
        page.line(
            Text("A restore of one of them erases it again, by the ledger beside it.", "quiet")
        )

    def _ask(self, name: str) -> None:
        given = self.confirm
        if not given:
            if self.as_json:
                raise NotConfirmedError("nothing was erased", _INSTEAD)
            self.shell.page.warning("It cannot be undone, and no backup brings it back.")
            given = unlock.ask("Type the name as it stands above to do it", _INSTEAD)
        if given != name:
            raise NotConfirmedError("nothing was erased", "The name has to be the one shown.")

    def reserve(self) -> None:
        """Make the file of the receipt first, so that it has a place; an empty one is as good.

        Raises:
            OutputFileError: it has none.
        """
        if self.receipt_out is None:
            return
        try:
            if not (self.receipt_out.is_file() and self.receipt_out.stat().st_size == 0):
                self.receipt_out.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise OutputFileError(self.receipt_out, error.strerror or str(error)) from error

    def _write(self, receipt: "Mapping[str, Any]") -> None:
        if self.receipt_out is None:
            return
        try:
            replace_durably(self.receipt_out, f"{json.dumps(receipt, indent=2)}\n".encode())
        except OSError as error:
            raise OutputFileError(self.receipt_out, error.strerror or str(error)) from error

    def _end(self, preview: "PersonPreview") -> None:
        if not self.as_json:
            self.shell.page.hint("Nothing was erased. Without --dry-run it would be.")
            return
        self.shell.page.document(
            {
                "state": "preview",
                "name": preview.name,
                "rows": dict(preview.rows),
                "entries_kept": preview.entries,
                "others": preview.others,
                "backups": [documents.backup_copy(each) for each in preview.backups],
            }
        )

    def tell(self, erased: "PersonErased") -> None:
        """Hand out the receipt and say what became of the erase.

        Raises:
            OutputFileError: the receipt could not be written; it can be asked for again.
        """
        page = self.shell.page
        self._write(erased.receipt)
        if self.as_json:
            page.document(
                {
                    "state": "erased" if erased.complete else "erasing",
                    "rows": dict(erased.rows),
                    "record": erased.pseudonym,
                    "backups": [documents.backup_copy(each) for each in erased.backups],
                    "ledgers_not_reached": list(erased.unreached),
                    "receipt": dict(erased.receipt),
                }
            )
            return
        page.line("Erased." if erased.complete else "Erased; another process reads old pages yet.")
        page.line(f"The record stays, as {erased.pseudonym}.")
        for place in erased.unreached:
            page.line("The ledger was not reached: ", said(flat(place)))
        if self.receipt_out is None:
            page.line("The receipt, which is kept nowhere else:")
            page.document(dict(erased.receipt))
        page.hint("mnemosyne audit verify")
