"""Bytes on their way through: a file without a name, sealed under a key that nobody keeps.

What a person uploads is read several times, so it has to lie somewhere, and it may be larger than
memory. The file has no name (``O_TMPFILE``), so the kernel takes it back however this process ends;
and every chunk is sealed (AES-256-GCM) under a random key that exists in this process alone, so
what the disk still holds after that can be read by nobody.
"""

import errno
import io
import os
import secrets
import tempfile
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mnemosyne.kit.errors import MnemosyneError

CHUNK: Final = 65_536
_TAG: Final = 16
_NONCE: Final = 12


class SpoolFullError(MnemosyneError):
    """The disk has no room for what was on its way; nothing of it is left."""

    code = "spool-full"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "there is no room on the disk of the node for what was sent",
            why=f"The system says: {detail.rstrip('.')}. Nothing of it was kept.",
            hint="Free some space on the machine of the node, and send it again.",
        )
        self.detail = detail


class Spool:
    """Written once from the beginning to the end, then read at any place, then gone.

    Threads may share it: one that writes to a spool that was closed meanwhile meets ValueError.
    """

    def __init__(self, folder: Path) -> None:
        try:
            # Opened for as long as the spool lives, with or without O_TMPFILE nameless from here.
            file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115
        except OSError as error:
            raise SpoolFullError(error.strerror or str(error)) from error
        self._file = file
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._pending = bytearray()
        self._chunks = 0
        self._lock = Lock()
        self._whole = False
        self.size = 0
        """How many bytes were written."""

    def write(self, data: bytes, /) -> int:
        """Seal ``data`` at the end.

        Raises:
            SpoolFullError: the system refused.
            ValueError: it is finished or closed.
        """
        with self._lock:
            if self._whole or self._file.closed:
                raise ValueError("the spool takes nothing more")
            self._pending += data
            self.size += len(data)
            while len(self._pending) >= CHUNK:
                self._emit(bytes(self._pending[:CHUNK]))
                del self._pending[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Take no more, and be ready to be read.

        Raises:
            SpoolFullError: the system refused.
            ValueError: it is closed.
        """
        with self._lock:
            if self._file.closed:
                raise ValueError("the spool is closed")
            if not self._whole and self._pending:
                self._emit(bytes(self._pending))
            self._pending.clear()
            self._whole = True

    def open(self) -> BinaryIO:
        """Return a reader of its own, at the beginning.

        Raises:
            ValueError: it is not finished yet.
        """
        if not self._whole:
            raise ValueError("the spool is still being written")
        return cast("BinaryIO", io.BufferedReader(_Reader(self), CHUNK))

    def chunk(self, number: int) -> bytes:
        """Return the bytes of one chunk, none beyond the last.

        Raises:
            ValueError: it is closed.
            OSError: the disk gives back something else than was written.
        """
        with self._lock:
            if number >= self._chunks:
                return b""
            sealed = os.pread(self._file.fileno(), CHUNK + _TAG, number * (CHUNK + _TAG))
        try:
            return self._cipher.decrypt(_nonce(number), sealed, None)
        except InvalidTag as error:
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error

    def close(self) -> None:
        """Let it go; to close it again changes nothing."""
        with self._lock:
            self._pending.clear()
            self._file.close()

    def _emit(self, plain: bytes) -> None:
        sealed = memoryview(self._cipher.encrypt(_nonce(self._chunks), plain, None))
        try:
            while sealed:
                sealed = sealed[self._file.write(sealed) :]
        except OSError as error:
            raise SpoolFullError(error.strerror or str(error)) from error
        self._chunks += 1


class _Reader(io.RawIOBase):
    """A finished spool as a seekable stream; the last chunk that was opened is kept at hand."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._place = 0
        self._number = -1
        self._plain = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._spool.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, "there is nothing before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override] # typeshed
        """Fill ``buffer`` with what is left of one chunk."""
        number, skipped = divmod(self._place, CHUNK)
        if number != self._number:
            self._plain, self._number = self._spool.chunk(number), number
        taken = self._plain[skipped : skipped + len(buffer)]
        buffer[: len(taken)] = taken
        self._place += len(taken)
        return len(taken)


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")
