"""The key holder: keeps the database key in memory until a deadline, for its own user alone."""

import ctypes
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mnemosyne.kit.vault.holder_place import HolderPlace, KeyHolderError, peer_of
from mnemosyne.kit.vault.home import switch_core_dumps_off

LONGEST_LINE: Final = 4096
_ANSWER_SECONDS: Final = 2.0
_LOOK_AGAIN_SECONDS: Final = 5.0
_WAITING: Final = 8
_PRIVATE: Final = 0o177
_SET_DUMPABLE: Final = 4  # PR_SET_DUMPABLE of prctl(2)


def boot_time() -> float:
    """Return the seconds since the machine was started, those it slept included."""
    # No setting of the date moves it, and no suspension stops it.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def keep_memory_private() -> None:
    """Let no core dump and, on Linux, no debugger of the same account read this process."""
    switch_core_dumps_off()
    if sys.platform == "linux":
        # Its files in /proc belong to root from here on, and ptrace is refused.
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held: the key, the file it opens, and until when, as a text to be shown."""

    key: bytearray = field(repr=False)
    device: int
    inode: int
    until: str


class KeyHolder:
    """Answers at its socket until ``deadline``, a moment of the clock ``now``, then forgets."""

    def __init__(
        self,
        place: HolderPlace,
        held: Held,
        deadline: float,
        now: Callable[[], float] = boot_time,
        uid: int | None = None,
    ) -> None:
        self._place = place
        self._held = held
        self._deadline = deadline
        self._now = now
        self._uid = os.geteuid() if uid is None else uid
        self._ended = False

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until the deadline, or until told to end; then overwrite the key.

        Raises:
            KeyHolderError: the socket cannot be made.
        """
        listening = self._listening()
        try:
            ready()
            while not self._ended and (left := self._deadline - self._now()) > 0:
                listening.settimeout(min(left, _LOOK_AGAIN_SECONDS))
                with suppress(TimeoutError):
                    connection, _ = listening.accept()
                    with connection, suppress(OSError, ValueError):
                        self._answer(connection)
        finally:
            self._held.key[:] = bytes(len(self._held.key))
            self._place.socket.unlink(missing_ok=True)
            listening.close()

    def _listening(self) -> socket.socket:
        self._place.prepare()
        path = self._place.socket
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(_PRIVATE)
        try:
            path.unlink(missing_ok=True)  # of one that was killed: the caller has ended the others
            listening.bind(str(path))
            listening.listen(_WAITING)
        except OSError as error:
            listening.close()
            raise KeyHolderError(f"{path}: {error.strerror or error}") from error
        finally:
            os.umask(before)
        return listening

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_ANSWER_SECONDS)
        if peer_of(connection) != self._uid or self._now() >= self._deadline:
            return
        asked = connection.makefile("rb").readline(LONGEST_LINE).strip()
        facts: dict[str, object] = {
            "until": self._held.until,
            "pid": os.getpid(),
            "device": self._held.device,
            "inode": self._held.inode,
        }
        if asked == b"end":
            self._ended = True
            self._place.socket.unlink(missing_ok=True)
        elif asked == b"key":
            facts["key"] = self._held.key.hex()
        elif asked != b"status":
            return
        connection.sendall(json.dumps(facts).encode("ascii") + b"\n")
