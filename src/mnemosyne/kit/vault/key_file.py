"""Key files: 32 random bytes on another medium, for starting without a prompt."""

import errno
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mnemosyne.kit.crypto.derivation import derive, key_check
from mnemosyne.kit.vault.durable_file import create_durably
from mnemosyne.kit.vault.key_file_errors import (
    BadPlace,
    KeyFileDamagedError,
    KeyFileExistsError,
    KeyFileNotWrittenError,
    KeyFilePlaceError,
    KeyFileUnreadableError,
)

KEY_BYTES: Final = 32
_ROOT: Final = 0
_GROUP_AND_OTHERS: Final = 0o077
_LARGEST: Final = 4096
_WRAPPING: Final = "mnemosyne/slot/key-file/1"
_FIRST_LINE: Final = "mnemosyne key file 1"
_FORM: Final = (
    f"{_FIRST_LINE}\n"
    "# Whoever has this file can open the vault it was made for. Keep it apart from the vault.\n"
    "key {key}\n"
    "check {check}\n"
)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The 32 random bytes of a key file. They show in no representation."""

    material: bytes = field(repr=False)

    def wrapping_key(self, salt: bytes) -> bytes:
        """Return the 32 bytes that wrap the root key in a slot with this ``salt``."""
        return derive(self.material, _WRAPPING, salt=salt)


@dataclass(frozen=True, slots=True)
class KeyFileRules:
    """Where a key file may not lie, and whose it must be."""

    vault_home: Path
    backup_destinations: tuple[Path, ...] = ()
    uid: int = field(default_factory=os.geteuid)

    def check_place(self, path: Path) -> None:
        """Refuse a place where the key would travel with what it opens, or be published.

        Raises:
            KeyFilePlaceError: which rule ``path`` breaks, and through what.
            OSError: a folder on the way cannot be looked into.
        """
        if link := _foreign_link(path, self.uid):
            raise KeyFilePlaceError(path, BadPlace.FOREIGN_LINK, link)
        real = _real(path)
        if real.is_relative_to(self.vault_home.resolve()):
            raise KeyFilePlaceError(path, BadPlace.VAULT_HOME, self.vault_home)
        for destination in self.backup_destinations:
            if real.is_relative_to(destination.resolve()):
                raise KeyFilePlaceError(path, BadPlace.BACKUP_DESTINATION, destination)
        for folder in real.parents:
            if (folder / ".git").exists():  # a folder, or the file of a linked work tree
                raise KeyFilePlaceError(path, BadPlace.GIT_WORK_TREE, folder)

    def check_owner(self, path: Path, status: os.stat_result) -> None:
        """Refuse a file that another account can read or change.

        Raises:
            KeyFilePlaceError: its permissions or its owner allow it.
        """
        owners = {self.uid, _ROOT}  # whoever is root can read every file anyway
        if status.st_mode & _GROUP_AND_OTHERS or status.st_uid not in owners:
            raise KeyFilePlaceError(path, BadPlace.OPEN_TO_OTHERS, path)


def create_key_file(path: Path, rules: KeyFileRules) -> KeyFile:
    """Write a fresh key file, readable by its owner only, and return it once it is on the disk.

    Raises:
        KeyFilePlaceError: it may not lie there, or the medium cannot keep it private.
        KeyFileExistsError: there is a file of that name.
        KeyFileNotWrittenError: the system refused.
    """
    key = KeyFile(secrets.token_bytes(KEY_BYTES))
    text = _FORM.format(key=key.material.hex(), check=key_check(key.material))
    try:
        rules.check_place(path)
        create_durably(path, text.encode("ascii"))
    except FileExistsError as error:
        raise KeyFileExistsError(path) from error
    except OSError as error:
        raise KeyFileNotWrittenError(path, error.strerror or str(error)) from error
    try:
        rules.check_owner(path, path.stat())  # some media know no permissions
    except KeyFilePlaceError:
        path.unlink()
        raise
    return key


def read_key_file(path: Path, rules: KeyFileRules) -> KeyFile:
    """Return the key in the file at ``path``.

    Raises:
        KeyFilePlaceError: it lies where, or as, it may not.
        KeyFileUnreadableError: there is none, or it cannot be opened.
        KeyFileDamagedError: its form or checksum is wrong.
    """
    try:
        rules.check_place(path)
        # Not through a link that appeared since the check, and not waiting at a named pipe.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(_real(path), flags)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - the descriptor carries O_NOFOLLOW
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise KeyFileDamagedError(path)
            rules.check_owner(path, status)
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise KeyFileUnreadableError(path, error.strerror or str(error)) from error
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> KeyFile:
    lines = content.decode("ascii", "replace").splitlines()
    fields = dict(line.split(" ", 1) for line in lines[1:] if " " in line)
    try:
        material = bytes.fromhex(fields.get("key", ""))
    except ValueError as error:
        raise KeyFileDamagedError(path) from error
    if lines[:1] != [_FIRST_LINE] or len(material) != KEY_BYTES:
        raise KeyFileDamagedError(path)
    if fields.get("check") != key_check(material):
        raise KeyFileDamagedError(path)
    return KeyFile(material)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError as error:  # before Python 3.13 this is how links in a circle are told
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def _foreign_link(path: Path, uid: int) -> Path | None:
    """Return the first link on the way to ``path`` that another account owns.

    Links of root among the folders (such as /var on macOS) are part of the system; the last one
    must be one's own.
    """
    absolute = path.absolute()
    for place in (*reversed(absolute.parents), absolute):
        if not place.is_symlink():
            continue
        trusted = {uid} if place == absolute else {uid, _ROOT}
        if place.lstat().st_uid not in trusted:
            return place
    return None
