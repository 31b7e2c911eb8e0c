"""Read a sealed file at any place, without a plain copy of it."""

import io
from typing import BinaryIO

from mnemosyne.kit.crypto.stream import CHUNK, DecryptingReader


class RewindingReader(io.RawIOBase):
    """A sealed file of ``size`` plain bytes as a seekable stream: going back starts over."""

    def __init__(self, file: BinaryIO, key: bytes, size: int) -> None:
        self._file = file
        self._key = key
        self._size = size
        self._wanted = 0
        self._start()

    def _start(self) -> None:
        self._file.seek(0)
        self._stream = DecryptingReader(self._file, key=self._key)
        self._place = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._wanted

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; nothing is read before it is asked for."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._wanted, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("there is nothing before the beginning")
        self._wanted = start + offset
        return self._wanted

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill ``buffer`` from the place that was asked for."""
        if self._wanted < self._place:
            self._start()
        while self._place < self._wanted:
            skipped = len(self._stream.read(min(CHUNK, self._wanted - self._place)) or b"")
            if not skipped:
                return 0
            self._place += skipped
        count = self._stream.readinto(buffer)
        self._place += count
        self._wanted = self._place
        return count
