"""A file of a source, wherever it lies: its name, its size, and how its bytes are reached."""

import errno
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from mnemosyne.memories.importing.entry import Problem, ProblemKind
from mnemosyne.memories.importing.errors import SourceUnreadableError

# Not followed when it became a link, not waited for when it became a pipe.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# What reading a file can meet: a disk, a permission, or an archive that changed meanwhile.
_FAULTS = (OSError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read: its name with forward slashes, its folder's name first.

    Use :meth:`stream`; ``open`` is how its place opens it.
    """

    name: str
    modified: datetime | None
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        """The end of the name that tells the format, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def basename(self) -> str:
        """The name without its folders."""
        return PurePosixPath(self.name).name

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """Open the file for reading, and close it.

        Raises:
            SourceUnreadableError: at once, or while it is read.
        """
        try:
            with self.open() as stream:
                yield stream
        except _FAULTS as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SourceUnreadableError(self.name, reason or "it ends too early") from error


Found = SourceFile | Problem


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, also when somebody swaps it for something else in this moment.

    Raises:
        OSError
    """
    file = os.fdopen(os.open(path, _OPEN_FLAGS), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def storable_name(name: str) -> str:
    """Return a file's name as text that can be stored: bytes beyond UTF-8 become escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_at_most(stream: IO[bytes], most: int) -> bytes:
    """Return the first ``most`` bytes of ``stream``, also when it gives less at a time."""
    pieces = []
    while most > 0 and (piece := stream.read(most)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def read_whole(file: SourceFile, limit: int) -> bytes | Problem:
    """Return the bytes of ``file``, or why it cannot be read; at most ``limit`` are looked at."""
    try:
        with file.stream() as stream:
            content = read_at_most(stream, limit + 1)
    except SourceUnreadableError as error:
        return Problem(ProblemKind.UNREADABLE, file.name, error.reason)
    if len(content) > limit:
        return Problem(ProblemKind.SKIPPED, file.name, f"larger than {limit:,} bytes")
    return content
