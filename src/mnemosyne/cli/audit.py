"""Your record of what was done and read, and receipts that anybody can check."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from mnemosyne.cli import documents, moments, options
from mnemosyne.cli.errors import InputFileError
from mnemosyne.cli.output import flat, how_many, said
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.ids import MalformedIdentifierError, parse_id

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.audit.reads import Read
    from mnemosyne.audit.receipt import ProvenEntry
    from mnemosyne.kit.principal import Principal

_LARGEST_RECEIPT = 16 * 1024 * 1024

BeforeEntry = Annotated[
    int | None,
    typer.Option("--before", metavar="NUMBER", help="Entries with a smaller number."),
]

Always = Annotated[
    bool, typer.Option("--json", help="It is JSON anyway; errors are JSON as well then.")
]

WithReads = Annotated[bool, typer.Option("--reads", help="Show also who read something.")]


def log(
    context: typer.Context,
    *,
    before: BeforeEntry = None,
    limit: options.Limit = 50,
    reads: WithReads = False,
    as_json: options.AsJson = False,
) -> None:
    """Show your record, the newest act first; what was read only with --reads."""
    shell = shell_of(context)
    entries = run(
        context,
        lambda app, me: app.audit.entries(me, before=before, limit=limit, reads=reads),
    )
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


def reads(
    context: typer.Context,
    memory: Annotated[
        str, typer.Argument(metavar="[ID]", help="An identifier, or the end of one.")
    ] = "",
    *,
    limit: options.Limit = 50,
    as_json: options.AsJson = False,
) -> None:
    """Show who read something and when; with an identifier, who read that memory."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Sequence[Read]":
        return await app.reads.of(me, await _whole(app, me, memory), limit=limit)

    found = run(context, work)
    if as_json:
        shell.page.document({"reads": [documents.read(each) for each in found]})
        return
    if not found:
        shell.page.line("Nobody read it." if memory else "Nothing was read yet.")
        shell.page.hint("mnemosyne audit log --reads")
        return
    shell.page.rule()
    for each in found:
        at = f"{moments.show_at(each.at, shell.node.zone):<{moments.WIDTH}}"
        who = flat(f"{each.credential} ({each.channel})")
        what = f"{flat(each.how)}, {how_many(each.count)}"
        shell.page.line(f"{each.seq:>6}  ", Text(at, "date"), "  ", said(who), f"  {what}")
    shell.page.hint(f"mnemosyne audit receipt {found[0].seq} > receipt.json")


async def _whole(app: "Application", me: "Principal", reference: str) -> str | None:
    """Return a whole identifier; one that is whole may be of a memory that was erased."""
    if not reference:
        return None
    try:
        return parse_id(reference)
    except MalformedIdentifierError:
        return await app.memories.identify(me, reference)


def receipt(
    context: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the entry.")],
    *,
    as_json: Always = False,
) -> None:
    """Print the signed receipt of one act, to be kept in a file."""
    del as_json  # it makes errors JSON as well
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
    from mnemosyne.audit import receipt as receipts  # noqa: PLC0415 - brings cryptography

    shell = shell_of(context)
    page = shell.page
    document = _document(file)
    proven = receipts.prove(document)
    if as_json:
        page.document({"valid": True, "signer": proven.signer, **_told(proven)})
        return
    page.line("The receipt is whole, and was signed by the node")
    page.rule()
    page.line(proven.signer)
    page.rule()
    _show_proven(shell, proven)
    page.hint("Compare it with the fingerprint that `mnemosyne status` shows on that node.")


def _told(proven: "ProvenEntry") -> dict[str, object]:
    return {
        "entry": proven.seq,
        "type": proven.type,
        "at": proven.at.isoformat(),
        "credential": proven.credential,
        "channel": proven.channel,
        "payload": None if proven.payload is None else dict(proven.payload),
    }


def _show_proven(shell: Shell, proven: "ProvenEntry") -> None:
    details = [(f"  {flat(name)}", flat(_plain(value))) for name, value in _details(proven)]
    shell.page.fields(
        [
            ("entry", f"{proven.seq}"),
            ("act", flat(proven.type)),
            ("at", moments.show_at(proven.at, shell.node.zone)),
            ("by", f"{flat(proven.credential)} ({flat(proven.channel)})"),
            ("details", "" if details else "gone, or not shown"),
            *details,
        ]
    )


def _details(proven: "ProvenEntry") -> Iterable[tuple[str, object]]:
    return sorted((proven.payload or {}).items())


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _document(file: Path) -> dict[str, object]:
    from mnemosyne.audit.receipt import MalformedReceiptError  # noqa: PLC0415 - brings cryptography

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
        raise MalformedReceiptError("It is not JSON") from error
    if not isinstance(found, dict):
        raise MalformedReceiptError("It is not a JSON object")
    return found
