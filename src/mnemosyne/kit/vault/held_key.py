"""Ask the key holder of a vault: for the key, how long it is there, or to forget it."""

import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mnemosyne.kit.vault.holder_place import HolderPlace, peer_of
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_holder import LONGEST_LINE
from mnemosyne.kit.vault.root_key import HeldKey

_SECONDS: Final = 2.0


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


def end(place: HolderPlace) -> bool:
    """Let the holder forget the key and end; return whether there was one."""
    return _ask(place, b"end") is not None


def _is_of(place: HolderPlace, answer: dict[str, object]) -> bool:
    try:
        status = VaultHome(place.home).database.stat()
    except OSError:
        return False
    return (answer.get("device"), answer.get("inode")) == (status.st_dev, status.st_ino)


def _ask(place: HolderPlace, what: bytes) -> dict[str, object] | None:
    if not place.socket.exists():
        return None
    with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(str(place.socket))
        if peer_of(connection) != os.geteuid():  # whoever listens there is somebody else
            return None
        connection.sendall(what + b"\n")
        answer = json.loads(connection.makefile("rb").readline(LONGEST_LINE))
        return answer if isinstance(answer, dict) else None
    return None
