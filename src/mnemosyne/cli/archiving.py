"""Take everything out in an open format, or a selection, and take an archive in."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import moments, options, texts, unlock
from mnemosyne.cli.options import Narrowing
from mnemosyne.cli.output import Page, flat, how_many
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.cli.setup import Generate

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.kit.vault.passphrase import Passphrase
    from mnemosyne.safekeeping.archive_reading import ArchiveVerdict


class ExportFormat(StrEnum):
    """How a selection is written; a test compares the list with what can be written."""

    JSONL = "jsonl"
    MARKDOWN = "markdown"


class Redact(StrEnum):
    """What becomes of texts with secrets: they stay, or leave with every secret masked."""

    NONE = "none"
    ALL = "all"


_TYPED: Final = "The passphrase of an archive is typed: run the command on a terminal."

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
Archive = Annotated[Path, typer.Argument(metavar="FILE", help="An archive.")]
Encrypt = Annotated[bool, typer.Option("--encrypt", help="Seal it with a passphrase of its own.")]
Form = Annotated[
    ExportFormat | None,
    typer.Option("--format", help="How it is written; by the end of the file's name unless given."),
]
Masking = Annotated[
    Redact, typer.Option("--redact", help="With “all” every text leaves, its secrets masked.")
]


def export(
    context: typer.Context,
    file: NewFile,
    *,
    form: Form = None,
    redact: Masking = Redact.NONE,
    after: options.After = "",
    before: options.Before = "",
    as_of: options.AsOf = "",
    known_at: options.KnownAt = "",
    domain: options.Domain = "",
    tag: options.Tag = "",
    source: options.Source = "",
    kind: options.Type = None,
    person: options.Who = "",
    min_importance: options.MinImportance = None,
    as_json: options.AsJson = False,
) -> None:
    """Write the memories that a filter selects to a file. Texts that may hold a secret stay."""
    from mnemosyne.safekeeping.selection import ExportForm  # noqa: PLC0415 - brings the database

    shell = shell_of(context)
    wanted = Narrowing(
        after=after,
        before=before,
        as_of=as_of,
        known_at=known_at,
        domain=domain,
        tag=tag,
        source=source,
        person=person,
        min_importance=min_importance,
        type=kind,
    )

    async def work(app: "Application", me: "Principal") -> None:
        narrowed = await wanted.filter(shell.node, app, me)
        masked = redact is Redact.ALL
        written = ExportForm((form or _form_of(file)).value)
        done = await app.selection.export(me, narrowed, file, written, redacted=masked)
        if as_json:
            shell.page.document(
                {"path": str(file), "written": done.written, "held_back": done.held_back}
            )
            return
        shell.page.line(f"Written: {how_many(done.written)}, readable by whoever has the file.")
        if done.held_back:
            shell.page.line(f"Kept back: {done.held_back:,}; unchecked, or they may hold a secret.")
            shell.page.hint("--redact all masks secrets; `mnemosyne clear-secret ID` clears one")
        else:
            shell.page.hint(f"less {flat(str(file))}")

    run(context, work)


def _form_of(file: Path) -> ExportFormat:
    markdown = file.suffix.lower() in {".md", ".markdown"}
    return ExportFormat.MARKDOWN if markdown else ExportFormat.JSONL


def export_archive(
    context: typer.Context,
    file: NewFile,
    *,
    encrypt: Encrypt = False,
    generate: Generate = False,
    as_json: options.AsJson = False,
) -> None:
    """Write everything of yours to one signed file in an open format, and check every byte."""
    shell = shell_of(context)
    sealing = _new_passphrase(shell.page, generate=generate, quietly=as_json) if encrypt else None
    if sealing is None:
        shell.page.warning("It will not be encrypted: whoever has the file can read everything.")
        shell.page.remark("On this machine it is readable by your account only.")
    made = run(context, lambda app, me: app.archives.write(me, file, sealing))
    if as_json:
        shown = {"passphrase": sealing.text} if sealing is not None and generate else {}
        shell.page.document(
            {"archive": _document(made.verdict), "receipt_entry": made.entry, **shown}
        )
        return
    shell.page.line("The archive is written, and every byte of it was checked.")
    _show(shell, made.verdict)
    shell.page.hint(f"mnemosyne archive inspect {flat(str(file))}")


def inspect_archive(
    context: typer.Context, file: Archive, *, as_json: options.AsJson = False
) -> None:
    """Check every byte of an archive and say who signed it; no vault is needed."""
    from mnemosyne.safekeeping.archive import verify_archive  # noqa: PLC0415 - brings the database
    from mnemosyne.safekeeping.archive_errors import ArchiveSealedError  # noqa: PLC0415

    shell = shell_of(context)
    texts.require_file(file)
    try:
        verdict = verify_archive(file)
    except ArchiveSealedError:
        verdict = verify_archive(file, _passphrase())
    if as_json:
        shell.page.document({"whole": True, "archive": _document(verdict)})
        return
    shell.page.line("The archive is whole, and as its node signed it.")
    _show(shell, verdict)
    shell.page.hint("Compare the signer with what `mnemosyne status` shows on that node.")


def import_archive(
    context: typer.Context, file: Archive, *, as_json: options.AsJson = False
) -> None:
    """Take an archive over into an empty vault: all of it, or nothing."""
    shell = shell_of(context)
    texts.require_file(file)

    async def work(app: "Application", me: "Principal") -> None:
        from mnemosyne.safekeeping.archive_errors import ArchiveSealedError  # noqa: PLC0415

        try:
            taken = await app.archives.take_over(me, file)
        except ArchiveSealedError:
            taken = await app.archives.take_over(me, file, _passphrase())
        if as_json:
            shell.page.document(
                {
                    "archive": _document(taken.verdict),
                    "rows": taken.rows,
                    "receipt_entry": taken.entry,
                }
            )
        else:
            shell.page.line("Everything in the archive is here now, and checksums agree.")
            _show(shell, taken.verdict)
            shell.page.hint("mnemosyne reindex   makes them findable by meaning")
        await app.dispatcher.drain(shell.node.drain_seconds)

    run(context, work)


def _new_passphrase(page: Page, *, generate: bool, quietly: bool) -> "Passphrase":
    return unlock.made_up(page, quietly=quietly) if generate else unlock.ask_new_passphrase()


def _passphrase() -> "Passphrase":
    from mnemosyne.kit.vault.passphrase import Passphrase  # noqa: PLC0415 - for sealed ones alone

    return Passphrase(unlock.hidden("passphrase of the archive", _TYPED))


def _show(shell: Shell, verdict: "ArchiveVerdict") -> None:
    stored = verdict.tables.get("memory")
    shell.page.rule()
    shell.page.fields(
        [
            ("file", flat(str(verdict.path))),
            ("person", flat(verdict.person)),
            ("made", moments.show_at(verdict.made_at, shell.node.zone)),
            ("memories", f"{stored.rows if stored else 0:,}"),
            ("sealed", "yes" if verdict.sealed else "no: whoever has it can read it"),
            ("signed by", verdict.fingerprint),
            ("made by", f"version {flat(verdict.app_version)}"),
        ]
    )


def _document(verdict: "ArchiveVerdict") -> dict[str, object]:
    return {
        "path": str(verdict.path),
        "sealed": verdict.sealed,
        "vault_id": verdict.vault_id,
        "person": verdict.person,
        "made_at": verdict.made_at.isoformat(),
        "app_version": verdict.app_version,
        "signer": verdict.fingerprint,
        "rows": {name: state.rows for name, state in verdict.tables.items()},
    }
