"""Processes that are killed in the middle of what they do.

Run as ``python -m tests.safekeeping.dying`` this waits for jobs, one in a line of JSON, and has
each done by a copy of itself: ``{"what", "home", "place", "step", "bytes"}``. The copy kills itself
before the ``step``-th change of a name, or is killed by the system when a file reaches ``bytes``.
The answer is its status.
"""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.safekeeping.migrating import Migration
from mnemosyne.safekeeping.rekeying import Rekeying
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.clock import SetClock
from tests.safekeeping.vault import FAST, PASSPHRASE, open_vault

# What the interpreter announces before it asks the system.
_CHANGES: Final = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir"})
_NEVER: Final = 10**9
WORDS: Final = ("abandon",) * 23 + ("art",)


@dataclass(frozen=True)
class Death:
    """How a process ended: as ``subprocess`` says it, minus the number of a signal."""

    status: int

    @property
    def killed(self) -> bool:
        """Whether it did not come to its end."""
        if self.status > 0:
            message = f"the process failed with status {self.status}"
            raise AssertionError(message)
        return self.status < 0


class Mortals:
    """A process that has jobs done by copies of itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.safekeeping.dying"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def restore(self, home: VaultHome, backup: Path, step: int) -> Death:
        """Restore a backup, and die before the change of that number."""
        return self._do(what="restore", home=str(home.path), place=str(backup), step=step)

    def back_up(
        self, home: VaultHome, shelf: Path, step: int = _NEVER, size: int | None = None
    ) -> Death:
        """Make a backup, and die before the change of that number or at a size of a file."""
        place = str(shelf)
        return self._do(what="backup", home=str(home.path), place=place, step=step, bytes=size)

    def migrate(self, home: VaultHome, shelf: Path, step: int) -> Death:
        """Migrate an older vault, and die before the statement of that number after the backup."""
        return self._do(what="migrate", home=str(home.path), place=str(shelf), step=step)

    def rekey(self, home: VaultHome, step: int) -> Death:
        """Give a vault a new key, and die before the change of that number."""
        return self._do(what="rekey", home=str(home.path), place="", step=step)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _do(self, **job: str | int | None) -> Death:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return Death(int(self._process.stdout.readline()))


def _die_before(step: int) -> None:
    left = step

    def look(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        creating = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if not (creating or event in _CHANGES) or "processes" in str(arguments[0]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def _die_before_statement(step: int) -> None:
    left = step

    def look(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", look)


def _migrate(home: VaultHome, place: Path, step: int) -> None:
    def told(what: str) -> None:
        if what == "moving the tables on":
            _die_before_statement(step)

    Migration(home, PROVIDERS, SetClock()).migrate(PASSPHRASE, place, told)


def _work(job: dict[str, Any]) -> None:
    home, place, clock = VaultHome(Path(job["home"])), Path(job["place"]), SetClock()
    if job["what"] == "migrate":
        _migrate(home, place, job["step"])
        return
    if job["what"] == "rekey":
        _die_before(job["step"])
        Rekeying(home, PROVIDERS, clock, FAST).rekey([PASSPHRASE, Phrase(WORDS)])
        return
    if job["what"] == "restore":
        _die_before(job["step"])
        choices = RestoreChoices(allow_older=True)
        Restoration(home, PROVIDERS, clock).restore(place, PASSPHRASE, choices)
        return
    vault = open_vault(home, clock)
    _die_before(job["step"])
    if job["bytes"] is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["bytes"], resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asyncio.run(vault.back_up(place))


def _serve() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _work(json.loads(line))  # what it raises ends this copy, with status 1
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
