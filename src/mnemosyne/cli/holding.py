"""Keep the vault unlocked for a while, and lock it again."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import moments, options, unlock
from mnemosyne.cli.errors import SpanUnclearError
from mnemosyne.cli.running import shell_of

if TYPE_CHECKING:  # most of what opens a vault is not needed for `--help`
    from mnemosyne.kit.vault.held_key import Unlocked

LONGEST: Final = timedelta(days=7)
_SPAN: Final = re.compile(r"(\d{1,4}) ?([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

Span = Annotated[
    str, typer.Option("--for", metavar="TIME", help="For how long: 30m, 8h or 1d, at most 7d.")
]


def unlock_for(context: typer.Context, *, span: Span, as_json: options.AsJson = False) -> None:
    """Unlock the vault for a time, in which commands of yours ask for no secret."""
    shell = shell_of(context)
    wanted = parse_span(span)
    made = shell.node.hold(unlock.secret(shell.node, phrase=shell.phrase), wanted)
    if as_json:
        shell.page.document(document(made))
        return
    page = shell.page
    page.line(f"The vault is unlocked until {moments.show_at(made.until, shell.node.zone)}.")
    page.line(
        "Every program of your account can read and change it until then. What concerns keys,"
    )
    page.line("backups and archives, or erases more than one memory, still asks for a secret.")
    page.hint("mnemosyne lock")


def lock(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Forget the key: commands ask for a secret again."""
    shell = shell_of(context)
    was = shell.node.end_holder()
    if as_json:
        shell.page.document({"locked": True, "was_unlocked": was})
        return
    shell.page.line("The vault is locked." if was else "The vault was not unlocked for a time.")
    shell.page.hint("mnemosyne unlock --for 8h")


def parse_span(text: str) -> timedelta:
    """Return the span of time that ``text`` spells, such as 8h.

    Raises:
        SpanUnclearError: it spells none, or one that is too long.
    """
    found = _SPAN.fullmatch(text.strip().casefold())
    if found is None:
        raise SpanUnclearError(text)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta() < span <= LONGEST:
        raise SpanUnclearError(text)
    return span


def document(unlocked: "Unlocked | None") -> dict[str, object]:
    """Return whether and until when the vault is unlocked, as JSON values."""
    return {"unlocked_until": None if unlocked is None else unlocked.until.isoformat()}
