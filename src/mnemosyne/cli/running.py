"""How every command runs: unlock, open, do its work, close; and how an error ends it."""

import json
import shutil
import sys
import textwrap
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import typer

from mnemosyne.cli import unlock
from mnemosyne.cli.errors import NoTerminalError
from mnemosyne.cli.exit_codes import ExitCode, exit_code_of
from mnemosyne.cli.node import Node
from mnemosyne.cli.output import Page, flat
from mnemosyne.cli.streams import complete_output
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import NeedsSecretError, Principal

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.vault.root_key import HeldKey
    from mnemosyne.kit.vault.slot_wrapping import Secret

_LONGEST_LINE: Final = 96
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[["Application", Principal], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Shell:
    """What every command is given: the node, the page to write on, and how to unlock."""

    node: Node
    page: Page
    phrase: unlock.ByPhrase | None = None


def shell_of(context: typer.Context) -> Shell:
    """Return what the root command put into the context."""
    shell = context.obj
    if not isinstance(shell, Shell):
        message = "a command was started without the root command"
        raise TypeError(message)
    return shell


def run(context: typer.Context, work: Work[T]) -> T:
    """Unlock the vault, do ``work`` with its services as the person at this machine, close it.

    Raises:
        MnemosyneError: whatever the vault, its secret or the work refuses.
    """
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    shell = shell_of(context)

    async def opened(secret: "Secret | HeldKey", *, held: bool) -> T:
        async with shell.node.open(secret, context.command_path) as application:
            me = replace(Principal.local(application.person.id), held=held)
            return await work(application, me)

    if (key := unlock.held_key(shell.node, phrase=shell.phrase)) is not None:
        try:
            return asyncio.run(opened(key, held=True))
        except NeedsSecretError as needed:
            secret = _asked_again(shell, needed)
    else:
        secret = unlock.secret(shell.node, phrase=shell.phrase)
    return asyncio.run(opened(secret, held=False))


def _asked_again(shell: Shell, needed: NeedsSecretError) -> "Secret":
    """Ask for a secret although the vault is unlocked for a time.

    Raises:
        NeedsSecretError: nobody can be asked.
    """
    try:
        return unlock.secret(shell.node, phrase=shell.phrase)
    except NoTerminalError:
        raise needed from None


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Let an error end ``command`` in three lines and an exit code, and nothing in a traceback."""

    @wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with complete_output():
                command(*args, **kwargs)
        except MnemosyneError as error:
            tell(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(exit_code_of(error.code)) from error
        except BrokenPipeError as error:
            raise typer.Exit(ExitCode.BROKEN_PIPE) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(ExitCode.INTERRUPTED) from error

    return guard


def tell(error: MnemosyneError, *, as_json: bool) -> None:
    """Say on the error stream what happened, why, and what to do, in a line each."""
    if as_json:
        document = {
            "error": {"code": error.code, "message": str(error), "why": error.why}
            | {"hint": error.hint, "exit": exit_code_of(error.code)}
        }
        sys.stderr.write(json.dumps(document, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n")
        return
    lines = [f"mnemosyne: {flat(str(error))}"]
    for text in filter(None, (error.why, error.hint)):
        lines.extend(_indented(flat(text)))
    sys.stderr.write("\n".join(lines) + "\n")


def _indented(text: str) -> list[str]:
    """Return a sentence as lines: one, or on a terminal as many as fit it with whole words."""
    if not sys.stderr.isatty():
        return [f"  {text}"]
    width = min(shutil.get_terminal_size().columns, _LONGEST_LINE)
    return textwrap.wrap(
        text,
        width,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
