"""Ask the key holder of a vault: for the key, how long it is there, or to forget it."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mnemosyne.kit.vault.holder_lock import is_free, last_process
from mnemosyne.kit.vault.holder_place import (
    HolderPlace,
    StillUnlockedError,
    peer_of,
    peer_process,
)
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_holder import LONGEST_LINE
from mnemosyne.kit.vault.root_key import HeldKey

_SECONDS: Final = 2.0
_LEAST_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Unlocked:
    """That a vault is unlocked: until when, and which process holds its key."""

    until: datetime
    pid: int


def held_key(place: HolderPlace) -> HeldKey | None:
    """Return the key of the vault, None where no holder has it.

    A key of a file that is not there any more, since a restore or a rekey took its place, is
    forgotten.
    """
    answer = _ask(place, b"key")
    if answer is None:
        return None
    if not _is_of(place, answer):
        end(place)
        return None
    try:
        return HeldKey(bytes.fromhex(str(answer["key"])))
    except (KeyError, ValueError):
        return None


def unlocked(place: HolderPlace) -> Unlocked | None:
    """Return whether and until when a holder has the key of the vault."""
    answer = _ask(place, b"status")
    if answer is None or not _is_of(place, answer):
        return None
    try:
        return Unlocked(datetime.fromisoformat(str(answer["until"])), int(str(answer["pid"])))
    except (KeyError, ValueError):
        return None


def end(place: HolderPlace, seconds: float = _SECONDS) -> bool:
    """Let the holder forget the key and end; return whether there was one.

    One that does not within ``seconds`` is killed, where the kernel says which process it is.

    Raises:
        StillUnlockedError: there is one, and it lives on.
    """
    there = not is_free(place.lock)
    answered = _ask(place, b"end", seconds) is not None
    if is_free(place.lock, seconds if answered else seconds / 4):  # it may be ending by itself
        return there or answered
    listening = _listening_process(place)
    if listening not in (None, os.getpid()):
        with suppress(OSError):
            os.kill(listening, signal.SIGKILL)
        if is_free(place.lock, seconds):
            return True
    raise StillUnlockedError(last_process(place.lock))


def _listening_process(place: HolderPlace) -> int | None:
    with suppress(OSError), _connected(place) as connection:
        return peer_process(connection) if peer_of(connection) == os.geteuid() else None
    return None


def _is_of(place: HolderPlace, answer: dict[str, object]) -> bool:
    try:
        status = VaultHome(place.home).database.stat()
    except OSError:
        return False
    return (answer.get("device"), answer.get("inode")) == (status.st_dev, status.st_ino)


def _ask(place: HolderPlace, what: bytes, seconds: float = _SECONDS) -> dict[str, object] | None:
    if not place.socket.exists():
        return None
    with suppress(OSError, ValueError), _connected(place) as connection:
        if peer_of(connection) != os.geteuid():  # whoever listens there is somebody else
            return None
        connection.sendall(what + b"\n")
        answer = json.loads(_line(connection, seconds))
        return answer if isinstance(answer, dict) else None
    return None


@contextmanager
def _connected(place: HolderPlace) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(str(place.socket))
        yield connection


def _line(connection: socket.socket, seconds: float) -> bytes:
    """Return what comes until the end of a line, of the answer, or of the time for all of it."""
    until = time.monotonic() + seconds
    found = b""
    while b"\n" not in found and len(found) < LONGEST_LINE:
        connection.settimeout(max(until - time.monotonic(), _LEAST_SECONDS))
        if time.monotonic() >= until or not (more := connection.recv(LONGEST_LINE)):
            break
        found += more
    return found
