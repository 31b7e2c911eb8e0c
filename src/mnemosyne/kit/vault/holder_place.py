"""Where a key holder listens: one socket for each vault, in a folder of the account's own."""

import os
import socket
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.home import PRIVATE_FOLDER

_GROUP_AND_OTHERS: Final = 0o077
_NAME_DIGITS: Final = 16
_LINUX: Final = "3i"  # struct ucred: process, user, group
_MAC: Final = "2I"  # the beginning of struct xucred: version, user
_MAC_OPTION: Final = 1  # LOCAL_PEERCRED
_MAC_PROCESS: Final = 2  # LOCAL_PEERPID
_MAC_BYTES: Final = 76


class KeyHolderError(MnemosyneError):
    """The vault cannot be kept unlocked."""

    code = "key-holder"

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(
            "the vault cannot be kept unlocked",
            why=f"{why.rstrip('.')}.",
            hint=hint or "Give the secret with each command, or set MNEMOSYNE_KEY_FILE.",
        )


class StillUnlockedError(MnemosyneError):
    """A key holder lives that neither answers nor can be ended: the vault is not locked."""

    code = "still-unlocked"

    def __init__(self, process: int | None) -> None:
        super().__init__(
            "the vault is NOT locked",
            why="The process that keeps its key in memory does not answer, and was not ended.",
            hint="Log out of all sessions, then run `mnemosyne lock` again."
            if process is None
            else f"End it (`kill -9 {process}`), then run `mnemosyne lock` again.",
        )
        self.process = process


@dataclass(frozen=True, slots=True)
class HolderPlace:
    """The private folder of the sockets, and the vault that one of them is for."""

    folder: Path
    home: Path

    @property
    def socket(self) -> Path:
        """The socket of the holder; its name says nothing of the vault."""
        name = sha256(os.fsencode(self.home.resolve())).hex()[:_NAME_DIGITS]
        return self.folder / f"{name}.sock"

    @property
    def lock(self) -> Path:
        """The file that the holder has locked while it lives."""
        return self.socket.with_suffix(".lock")

    def prepare(self) -> None:
        """Make the folder, or check that nobody else can reach into it.

        Raises:
            KeyHolderError: another account owns it or can enter it, or it cannot be made.
        """
        try:
            self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            status = self.folder.lstat()
        except OSError as error:
            raise KeyHolderError(f"{self.folder}: {error.strerror or error}") from error
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & _GROUP_AND_OTHERS
        if not private or status.st_uid != os.geteuid():
            raise KeyHolderError(
                f"The folder {self.folder} is open to other accounts, or belongs to one",
                f"Make it private (`chmod 700 {self.folder}`), or name another with "
                "MNEMOSYNE_RUNTIME.",
            )


def peer_of(connection: socket.socket) -> int:
    """Return the user at the other end of a local socket, as the kernel knows it.

    Raises:
        OSError: the system does not say.
    """
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize(_LINUX)
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack(_LINUX, found)[1])
    found = connection.getsockopt(0, _MAC_OPTION, _MAC_BYTES)  # macOS and BSD
    return int(struct.unpack_from(_MAC, found)[1])


def peer_process(connection: socket.socket) -> int:
    """Return the process at the other end of a local socket: for a listener, who listens.

    Raises:
        OSError: the system does not say.
    """
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize(_LINUX)
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack(_LINUX, found)[0])
    return connection.getsockopt(0, _MAC_PROCESS)  # macOS
