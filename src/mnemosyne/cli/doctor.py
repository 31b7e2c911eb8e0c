"""Look at everything, say what is wrong, and rebuild what can be rebuilt."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import options, unlock
from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.errors import MnemosyneError

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.safekeeping.doctor import Repaired

_OK: Final = "ok"
_WARN: Final = "warn"
_BAD: Final = "bad"
_STYLES: Final = {_OK: "quiet", _WARN: "title", _BAD: "final"}
_REINDEX: Final = "mnemosyne reindex"
_A_DAY: Final = 24 * 3600.0

Repair = Annotated[bool, typer.Option("--repair", help="Rebuild every index from the rows.")]
Told = tuple[str, str, str]
"""How much it matters, what was found, what to do."""


def doctor(
    context: typer.Context, *, repair: Repair = False, as_json: options.AsJson = False
) -> None:
    """Look at pages, rows, indexes, work, files, backups and the embedder; also without a vault."""
    shell = shell_of(context)
    repaired: Repaired | None = None
    if (found := _without_vault(shell)) is None:
        found, repaired = run(context, lambda app, me: _examined(shell, app, me, repair=repair))
    found = [*found, _weights(shell)]
    if as_json:
        shell.page.document(_document(found, repaired))
    else:
        _show(shell, found, repaired)
    if any(severity == _BAD for severity, _, _ in found):
        raise typer.Exit(ExitCode.DAMAGED)


async def _examined(
    shell: Shell, app: "Application", me: "Principal", *, repair: bool
) -> "tuple[Sequence[Told], Repaired | None]":
    repaired = None
    if repair:
        shell.page.step("Rebuilding every index from the rows …")
        repaired = await app.doctor.repair(me)
        await app.reindexing.start(me)
        with shell.page.progress("Working on what waits") as advance:
            await app.dispatcher.drain(_A_DAY, advance)
    shell.page.step("Looking at every page and every index …")
    findings = await app.doctor.examine(me)
    return [(each.severity.value, each.what, each.hint) for each in findings], repaired


def _without_vault(shell: Shell) -> Sequence[Told] | None:
    """Return what can be said where there is no whole vault, or None where there is one."""
    home = shell.node.home
    try:
        if unlock.has_vault(shell.node):
            return None
    except MnemosyneError as error:
        return [(_BAD, str(error), error.hint)]
    return [(_WARN, f"there is no vault in {home}", "`mnemosyne init` makes one.")]


def _weights(shell: Shell) -> Told:
    if missing := shell.node.missing_weights():
        return _WARN, f"search works on words alone: {missing}", "`mnemosyne embedder install`"
    return _OK, "the weights for search by meaning are there", ""


def _show(shell: Shell, found: Sequence[Told], repaired: "Repaired | None") -> None:
    page = shell.page
    page.rule()
    if repaired is not None:
        page.line(
            f"Indexed anew: {repaired.indexed:,}. Dropped: {repaired.orphans_dropped:,}. "
            f"Asked to be embedded: {repaired.requeued:,}."
        )
    for severity, what, hint in found:
        page.hanging(Text(f"{severity:<4}  ", _STYLES[severity]), said(flat(what)))
        if hint:
            page.body(said(flat(hint), "quiet"), indent=6)
    if any(severity == _BAD for severity, _, _ in found):
        page.hint("mnemosyne doctor --repair" if repaired is None else "mnemosyne backup list")
    elif any(_REINDEX in hint for severity, _, hint in found if severity == _WARN):
        page.hint(_REINDEX)
    else:
        page.hint("mnemosyne status" if unlock.has_vault(shell.node) else "mnemosyne init")


def _document(found: Sequence[Told], repaired: "Repaired | None") -> dict[str, object]:
    return {
        "healthy": all(severity != _BAD for severity, _, _ in found),
        "findings": [
            {"severity": severity, "what": what, "hint": hint} for severity, what, hint in found
        ],
        "repaired": None
        if repaired is None
        else {
            "indexed": repaired.indexed,
            "dropped": repaired.orphans_dropped,
            "requeued": repaired.requeued,
        },
    }
