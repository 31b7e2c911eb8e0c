"""A person at a terminal: a real one, on which the command runs as a process of its own."""

import os
import re
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

_ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
_SECONDS = 60


class Terminal:
    """Shows what a command writes and types what a person would."""

    def __init__(self, *arguments: str, piped_in: str = "") -> None:
        command = [sys.executable, "-m", "mnemosyne", *arguments]
        if piped_in:
            pipe = f"printf %s {shlex.quote(piped_in)} | {shlex.join(command)}"
            command = ["/bin/sh", "-c", pipe]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ON_A_TERMINAL, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.shown = ""
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until ``pattern`` is shown after what was waited for before."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            if found := re.compile(pattern).search(self.shown, self._seen):
                self._seen = found.end()
                return found
            if not self._read():
                break
        message = f"{pattern!r} was not shown:\n{self.shown}"
        raise AssertionError(message)

    def type(self, line: str) -> None:
        """Type a line and the Enter key."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def end(self) -> int:
        """Wait until the command has ended and return its exit code."""
        while self._read():
            continue
        return self._process.wait(_SECONDS)

    def _read(self) -> bool:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _SECONDS)
        chunk = os.read(self._process.stdout.fileno(), 65_536) if ready else b""
        self.shown += chunk.decode("utf-8", "replace")
        return bool(chunk)


def words_of_the_card(shown: str) -> Sequence[str]:
    """Return the numbered words of a phrase card, in order."""
    numbered = {int(n): word for n, word in re.findall(r"(?<!\d)(\d{1,2}) ([a-z]{3,8})\b", shown)}
    return [numbered[number] for number in range(1, 25)]
