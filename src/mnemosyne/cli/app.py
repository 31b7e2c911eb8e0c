"""The command line as a whole, built from the table of commands."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from mnemosyne.cli.node import Node
from mnemosyne.cli.output import Page
from mnemosyne.cli.running import Shell, guarded
from mnemosyne.cli.sections import Plain, Sections
from mnemosyne.cli.table import TABLE, Command, Group
from mnemosyne.cli.unlock import ByPhrase

NAME: Final = "mnemosyne"
_DISTRIBUTION: Final = "mnemosyne-protocol"


def build(node: Node) -> typer.Typer:
    """Return the whole command line for the installation ``node``."""
    app = typer.Typer(
        name=NAME,
        help="Remember, find, change and let go: your memory, encrypted, on this machine alone.",
        epilog='Example: mnemosyne capture "Walked around the lake with Tomás"',
        cls=Sections,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    )
    app.callback()(_root(node))
    for heading, entries in TABLE:
        _add(app, entries, heading)
    return app


def _root(node: Node) -> Callable[..., None]:
    def root(
        context: typer.Context,
        *,
        phrase: Annotated[
            bool, typer.Option("--phrase", help="Unlock with the recovery phrase.")
        ] = False,
        phrase_file: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="Unlock with the recovery phrase in a private file; “-” reads it.",
            ),
        ] = None,
        _version: Annotated[
            bool,
            typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which."),
        ] = False,
    ) -> None:
        asked = phrase or phrase_file is not None
        context.obj = Shell(node, Page(), ByPhrase(phrase_file) if asked else None)

    return root


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - for this answer alone

        typer.echo(f"{NAME} {version(_DISTRIBUTION)}")
        raise typer.Exit


def _add(app: typer.Typer, entries: Sequence[Command | Group], panel: str) -> None:
    for entry in entries:
        match entry:
            case Command():
                app.command(
                    entry.name,
                    cls=Plain,
                    epilog=f"Example: {entry.example}",
                    rich_help_panel=panel,
                )(guarded(entry.function))
            case Group():
                group = typer.Typer(
                    name=entry.name,
                    help=entry.help,
                    cls=Sections,
                    no_args_is_help=True,
                    rich_markup_mode=None,
                    epilog=f"Example: {_first(entry).example}",
                )
                _add(group, entry.commands, "")
                app.add_typer(group, rich_help_panel=panel or None)


def _first(group: Group) -> Command:
    for entry in group.commands:
        return entry if isinstance(entry, Command) else _first(entry)
    message = f"the group {group.name} has no command"
    raise ValueError(message)
