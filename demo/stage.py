"""Where the tour plays: a throw-away folder, the real commands, and a narrator between them."""

import io
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from mnemosyne.cli.app import NAME, build
from mnemosyne.entrypoints.console import LocalNode

SAMPLES: Final = Path(__file__).parents[1] / "samples"
_WIDTH: Final = 96


class DemoFailedError(RuntimeError):
    """A command of the tour did not do what the tour says."""


@dataclass(slots=True)
class Stage:
    """Runs commands as a person would type them, and says what they are for."""

    folder: Path
    console: Console = field(default_factory=lambda: Console(width=_WIDTH, highlight=False))
    began: float = field(default_factory=time.monotonic)

    @property
    def backups(self) -> Path:
        """The place that stands for a second medium."""
        return self.folder / "stick"

    @property
    def home(self) -> Path:
        """The folder of the vault."""
        return self.folder / "vault"

    def chapter(self, number: int, title: str) -> None:
        """Begin a chapter."""
        seconds = time.monotonic() - self.began
        self.console.print()
        self.console.rule(f"[bold]{number}. {title}[/]  [dim]{seconds:.0f} s[/]", align="left")

    def say(self, text: str) -> None:
        """Tell what happens next."""
        self.console.print(f"\n{text}", style="italic")

    def run(self, *arguments: str) -> None:
        """Show a command and run it.

        Raises:
            DemoFailedError: it ended with an error.
        """
        self._show(arguments)
        _invoke(arguments)

    def refused(self, code: int, *arguments: str) -> None:
        """Show a command that has to end with the exit code ``code`` and run it.

        Raises:
            DemoFailedError: it ended otherwise.
        """
        self._show(arguments)
        _invoke(arguments, code)

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401 - a JSON document
        """Run a command unseen and return what it prints as JSON.

        Raises:
            DemoFailedError: it ended with an error.
        """
        written = io.StringIO()
        with redirect_stdout(written):
            _invoke((*arguments, "--json"))
        return json.loads(written.getvalue())

    def check(self, *, holds: bool, text: str) -> None:
        """Say that something was looked at and holds.

        Raises:
            DemoFailedError: it does not.
        """
        if not holds:
            raise DemoFailedError(text)
        self.console.print(f"  [green]✓[/] {text}")

    def _show(self, arguments: tuple[str, ...]) -> None:
        self.console.print(f"\n[dim]$[/] [bold]{NAME}[/] {self._typed(arguments)}", soft_wrap=True)

    def _typed(self, arguments: tuple[str, ...]) -> str:
        line = shlex.join(arguments).replace("[", r"\[")
        shown = {str(self.folder): "…", str(SAMPLES.parent) + os.sep: ""}
        for long, short in shown.items():
            line = line.replace(long, short)
        return line


def _invoke(arguments: tuple[str, ...], expected: int = 0) -> None:
    sys.stdout.flush()
    code: object = 0
    try:
        build(LocalNode())(args=list(arguments), prog_name=NAME)
    except SystemExit as end:
        code = end.code or 0
    if code != expected:
        message = f"`{NAME} {shlex.join(arguments)}` ended with {code}"
        raise DemoFailedError(message)


@contextmanager
def set_up(folder: Path) -> Iterator[Stage]:
    """Point the settings at ``folder``, and put the environment back afterwards."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.upper().startswith("MNEMOSYNE_")]:
        del os.environ[name]
    os.environ["MNEMOSYNE_HOME"] = str(folder / "vault")
    os.environ["MNEMOSYNE_CACHE"] = str(folder / "cache")
    os.environ["MNEMOSYNE_KEY_FILE"] = str(folder / "key" / "vault.key")
    os.environ["MNEMOSYNE_TIMEZONE"] = "Europe/London"
    os.environ["MNEMOSYNE_DRAIN_SECONDS"] = "60"
    (folder / "key").mkdir(mode=0o700)
    (folder / "stick").mkdir(mode=0o700)
    try:
        yield Stage(folder)
    finally:
        os.environ.clear()
        os.environ.update(before)
