"""Your record of significant acts, and receipts that anybody can check."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from mnemosyne.cli import documents, moments, options
from mnemosyne.cli.errors import InputFileError
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import run, shell_of

_LARGEST_RECEIPT = 16 * 1024 * 1024

BeforeEntry = Annotated[
    int | None,
    typer.Option("--before", metavar="NUMBER", help="Entries with a smaller number."),
]


def log(
    context: typer.Context,
    *,
    before: BeforeEntry = None,
    limit: options.Limit = 50,
    as_json: options.AsJson = False,
) -> None:
    """Show your record, the newest act first."""
    shell = shell_of(context)
    entries = run(context, lambda app, me: app.audit.entries(me, before=before, limit=limit))
    if as_json:
        shell.page.document({"entries": [documents.entry(each) for each in entries]})
        return
    if not entries:
        shell.page.line("There is no act before that.")
        shell.page.hint("mnemosyne audit log")
        return
    shell.page.rule()
    for each in entries:
        at = f"{moments.show_at(each.at, shell.node.zone):<{moments.WIDTH}}"
        shell.page.line(f"{each.seq:>6}  ", Text(at, "date"), "  ", said(flat(each.type)))
    shell.page.hint(f"mnemosyne audit receipt {entries[0].seq} > receipt.json")


def receipt(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the entry.")],
) -> None:
    """Print the signed receipt of one act, to be kept in a file."""
    shell = shell_of(context)
    document = run(context, lambda app, me: app.audit.receipt(me, entry))
    shell.page.document(document)


def verify_receipt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A receipt, or “-” for a pipe.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Check a receipt with nothing but itself; no vault is needed."""
    from mnemosyne.audit.service import verify_receipt as verify  # noqa: PLC0415 - brings the database

    page = shell_of(context).page
    fingerprint = verify(_document(file))
    if as_json:
        page.document({"valid": True, "signer": fingerprint})
        return
    page.line("The receipt is whole, and was signed by the node")
    page.rule()
    page.line(fingerprint)
    page.hint("Compare it with the fingerprint that `mnemosyne status` shows on that node.")


def _document(file: Path) -> dict[str, object]:
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(_LARGEST_RECEIPT)
        else:
            with file.open("rb") as opened:
                content = opened.read(_LARGEST_RECEIPT)
        found = json.loads(content)
    except OSError as error:
        raise InputFileError(file, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InputFileError(file, "It is not JSON") from error
    if not isinstance(found, dict):
        raise InputFileError(file, "It is not a JSON object")
    return found
