"""The key holder: keeps the database key in memory until a deadline, for its own user alone."""

import ctypes
import json
import os
import selectors
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mnemosyne.kit.vault.holder_lock import HolderLockTakenError, holder_lock
from mnemosyne.kit.vault.holder_place import HolderPlace, KeyHolderError, peer_of
from mnemosyne.kit.vault.home import switch_core_dumps_off

LONGEST_LINE: Final = 4096
_LONGEST_QUESTION: Final = 64
_CLIENT_SECONDS: Final = 2.0
_LOCK_SECONDS: Final = 0.3
_LOOK_AGAIN_SECONDS: Final = 5.0
_LEAST_SECONDS: Final = 0.01
_WAITING: Final = 64
_MOST_CLIENTS: Final = 32
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


@dataclass(slots=True)
class _Client:
    """Somebody who is asking, what has come of the question, and until when it is waited for."""

    connection: socket.socket
    until: float
    asked: bytes = b""


class KeyHolder:
    """Answers at its socket until ``deadline``, a moment of the clock ``now``, then forgets.

    No client is waited for: whoever writes slowly, or never, holds up nobody else.
    """

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
        self._own: tuple[int, int] | None = None
        self._clients: list[_Client] = []

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Answer until the deadline, or until told to end; then overwrite the key.

        Raises:
            KeyHolderError: another holder has this vault, or the socket cannot be made.
        """
        try:
            self._place.prepare()
            with holder_lock(self._place.lock, _LOCK_SECONDS), self._listening() as listening:
                ready()
                self._serve(listening)
        except HolderLockTakenError as error:
            raise KeyHolderError(
                "Another process keeps it unlocked already", "Run `mnemosyne lock` first."
            ) from error
        except OSError as error:
            path = self._place.socket
            raise KeyHolderError(f"{path}: {error.strerror or error}") from error
        finally:
            self._forget()

    def _serve(self, listening: socket.socket) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(listening, selectors.EVENT_READ)
                while not self._ended and self._is_reachable() and (wait := self._wait()) > 0:
                    for key, _ in selector.select(wait):
                        if isinstance(key.data, _Client):
                            self._hear(selector, key.data)
                        else:
                            self._accept(selector, listening)
                    for late in [c for c in self._clients if c.until <= self._now()]:
                        self._drop(selector, late)
        finally:
            self._forget()
            for client in self._clients:
                client.connection.close()

    def _wait(self) -> float:
        first = min((each.until for each in self._clients), default=self._deadline)
        return min(
            self._deadline - self._now(), max(first - self._now(), 0.01), _LOOK_AGAIN_SECONDS
        )

    def _listening(self) -> socket.socket:
        path = self._place.socket
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(_PRIVATE)
        try:
            path.unlink(missing_ok=True)  # of one that was killed: whoever lives has the lock
            listening.bind(str(path))
            self._own = self._at_place()
            listening.settimeout(0)
            listening.listen(_WAITING)
        except OSError:
            listening.close()
            raise
        finally:
            os.umask(before)
        return listening

    def _at_place(self) -> tuple[int, int] | None:
        try:
            status = self._place.socket.lstat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _is_reachable(self) -> bool:
        # Nobody could tell a holder whose socket is gone to end.
        return self._at_place() == self._own

    def _accept(self, selector: selectors.BaseSelector, listening: socket.socket) -> None:
        with suppress(OSError):  # whoever came is gone
            connection, _ = listening.accept()
            if not self._is_own(connection):
                connection.close()
                return
            connection.settimeout(0)
            if len(self._clients) == _MOST_CLIENTS:
                self._drop(selector, self._clients[0])
            client = _Client(connection, min(self._now() + _CLIENT_SECONDS, self._deadline))
            self._clients.append(client)
            selector.register(connection, selectors.EVENT_READ, client)

    def _is_own(self, connection: socket.socket) -> bool:
        try:
            return peer_of(connection) == self._uid
        except OSError:
            return False

    def _hear(self, selector: selectors.BaseSelector, client: _Client) -> None:
        if client not in self._clients:  # another one needed its place
            return
        try:
            more = client.connection.recv(_LONGEST_QUESTION)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        client.asked += more
        whole = b"\n" in client.asked
        if more and not whole and len(client.asked) < _LONGEST_QUESTION:
            return
        if whole:
            with suppress(OSError):  # who asked is gone
                self._answer(client)
        self._drop(selector, client)

    def _drop(self, selector: selectors.BaseSelector, client: _Client) -> None:
        self._clients.remove(client)
        selector.unregister(client.connection)
        client.connection.close()

    def _answer(self, client: _Client) -> None:
        asked = client.asked.partition(b"\n")[0].strip()
        facts: dict[str, object] = {
            "until": self._held.until,
            "pid": os.getpid(),
            "device": self._held.device,
            "inode": self._held.inode,
        }
        if asked == b"end":
            self._forget()  # before it is said
        elif asked == b"key" and not self._ended:
            facts["key"] = self._held.key.hex()
        elif asked != b"status":
            return
        answer = json.dumps(facts).encode("ascii") + b"\n"
        if self._now() < min(self._deadline, client.until):
            client.connection.send(answer)  # the buffer of a socket has room for it

    def _forget(self) -> None:
        self._ended = True
        self._held.key[:] = bytes(len(self._held.key))
        if self._own is not None and self._at_place() == self._own:
            self._place.socket.unlink(missing_ok=True)
