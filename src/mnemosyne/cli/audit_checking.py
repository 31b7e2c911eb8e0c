"""Verify the record, and take the head of it or all of it out of the vault."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import options, unlock
from mnemosyne.cli.errors import InputFileError, OutputFileError
from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.cli.output import Page, flat, how_many_entries, said
from mnemosyne.cli.output import as_json as json_text
from mnemosyne.cli.running import run, shell_of
from mnemosyne.kit.vault.durable_file import create_durably

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.audit.faults import Finding
    from mnemosyne.audit.kept_files import KeptFile
    from mnemosyne.audit.service import SignedHead
    from mnemosyne.audit.verification import RecordReport
    from mnemosyne.safekeeping.record_verification import Verified

_LARGEST: Final = 256 * 1024 * 1024

Kept = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Checkpoints, receipts or exported records that were kept; “-” for a pipe.",
    ),
]
NewFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A new file.")]


def verify(
    context: typer.Context,
    files: Kept = None,
    *,
    without_backups: Annotated[
        bool, typer.Option("--without-backups", help="Do not look into the backups at hand.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Check every entry, also against what was kept, and name the first bad one."""
    shell = shell_of(context)
    kept = [_kept(each) for each in files or []]
    secret = unlock.secret(shell.node, phrase=shell.phrase)

    async def verified() -> "Verified":
        async with shell.node.open_record(secret, context.command_path) as record:
            return await record.verify(kept, backups=not without_backups)

    found = asyncio.run(verified())
    if as_json:
        shell.page.document(_document(found))
    else:
        _show(shell.page, found)
    if not found.whole:
        raise typer.Exit(ExitCode.DAMAGED)


def checkpoint(
    context: typer.Context,
    file: NewFile = None,
    *,
    note: Annotated[
        bool, typer.Option("--note", help="The signed note alone, without the leaf hashes.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Sign the head of your record, to be kept where nobody who has the vault can change it."""
    from mnemosyne.audit import checkpoints  # noqa: PLC0415 - brings the database

    shell = shell_of(context)
    signed: SignedHead = run(context, lambda app, me: app.audit.checkpoint(me))
    document = checkpoints.document(signed.note, signed.leaves)
    content = signed.note if note else f"{json_text(document)}\n"
    if file is None:
        if as_json and note:
            shell.page.document({"note": signed.note})
        else:
            sys.stdout.write(content)
        return
    _write(file, content.encode())
    if as_json:
        shell.page.document({"file": str(file), **_facts(signed)})
        return
    entries = how_many_entries(signed.head.size)
    shell.page.line(f"Signed: {entries}. Keep the file away from this machine:")
    shell.page.rule()
    shell.page.line(said(flat(str(file))))
    shell.page.hint(f"mnemosyne audit verify {flat(str(file))}")


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Write your whole record as JSON lines that any program can check."""
    shell = shell_of(context)
    lines = run(context, lambda app, me: app.audit.export(me))
    _write(file, b"".join(lines))
    entries = len(lines) - 1
    if as_json:
        shell.page.document({"file": str(file), "entries": entries})
        return
    shell.page.line(f"Written: {how_many_entries(entries)} below a signed checkpoint.")
    shell.page.hint(f"mnemosyne audit verify {flat(str(file))}")


def _facts(signed: "SignedHead") -> dict[str, object]:
    from mnemosyne.kit.crypto.signing import fingerprint  # noqa: PLC0415 - brings cryptography

    head = signed.head
    key = fingerprint(signed.key)
    return {"entries": head.size, "root": head.root.hex(), "origin": head.origin, "signer": key}


def _kept(file: Path) -> "KeptFile":
    from mnemosyne.audit.kept_files import KeptFile  # noqa: PLC0415 - brings the database

    try:
        if str(file) == "-":
            return KeptFile("the pipe", sys.stdin.buffer.read(_LARGEST))
        with file.open("rb") as opened:
            return KeptFile(str(file), opened.read(_LARGEST))
    except OSError as error:
        raise InputFileError(file, error.strerror or str(error)) from error


def _write(file: Path, content: bytes) -> None:
    try:
        create_durably(file, content)
    except FileExistsError as error:
        raise OutputFileError.taken(file) from error
    except OSError as error:
        raise OutputFileError(file, error.strerror or str(error)) from error


def _show(page: Page, found: "Verified") -> None:
    for number, record in enumerate(found.records):
        if number:
            page.space()
        _show_record(page, record, several=len(found.records) > 1)
    for path in found.unread:
        page.line(Text("could not be read: ", "quiet"), said(flat(path)))
    compared = any(record.compared for record in found.records)
    if not found.whole:
        page.hint("Keep this vault and the files as they are; a backup holds an earlier record.")
    elif compared:
        page.hint("mnemosyne audit checkpoint FILE carries it on to today.")
    else:
        page.line("It agrees with itself. Whoever holds the key can make any record do that.")
        page.hint("mnemosyne audit checkpoint FILE makes what you can compare next time.")


def _show_record(page: Page, record: "RecordReport", *, several: bool) -> None:
    if record.erased or several:
        whose = "of an erased person" if record.erased else "of a person"
        page.line(f"Record {record.pseudonym or 'without a name'} {whose}")
    state = "is whole" if record.whole else "is not what it was"
    page.line(f"The record {state}: {how_many_entries(record.size)}.")
    page.rule()
    for finding in record.findings:
        where, what = _words(finding)
        page.line(Text(f"{where}: ", "final"), said(flat(what)))
    for each in record.compared:
        verdict = "agrees with" if each.agrees else "does not agree with"
        page.line(f"{verdict} ", said(flat(each.source)), Text(f"  to {each.size:,}", "quiet"))
    if record.without_details:
        page.line(Text(f"details gone, erased or old: {record.without_details:,}", "quiet"))


def _words(finding: "Finding") -> tuple[str, str]:
    """Return where a finding is and what it says."""
    source = f" ({finding.source})" if finding.source else ""
    found = finding.range
    if found is None:
        where = f"{finding.fault.value}"
    elif found[0] == found[1]:
        where = f"first bad entry {found[0]}, {finding.fault.value}"
    else:
        where = f"first bad entry between {found[0]} and {found[1]}, {finding.fault.value}"
    return where, finding.detail + source


def _document(found: "Verified") -> dict[str, object]:
    return {
        "whole": found.whole,
        "records": [_record(each) for each in found.records],
        "backups_not_read": list(found.unread),
    }


def _record(record: "RecordReport") -> dict[str, object]:
    findings: Sequence[dict[str, object]] = [_finding(each) for each in record.findings]
    return {
        "record": record.pseudonym,
        "erased": record.erased,
        "whole": record.whole,
        "entries": record.size,
        "root": record.root.hex(),
        "without_details": record.without_details,
        "first_bad": findings[0] if findings else None,
        "findings": findings,
        "compared": [
            {"source": each.source, "entries": each.size, "agrees": each.agrees}
            for each in record.compared
        ],
    }


def _finding(finding: "Finding") -> dict[str, object]:
    first, last = finding.range or (None, None)
    return {
        "fault": finding.fault.value,
        "entry": first,
        "last": last,
        "detail": finding.detail,
        "source": finding.source,
    }
