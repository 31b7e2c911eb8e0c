"""A sealed file: AES-256-GCM in the STREAM construction, written and read in bounded memory.

Layout, integers big-endian::

    magic "MNEMSEAL" · version 1 (1 byte) · header length (4) · header · salt (32) · prefix (7)
    chunks: each 65,536 bytes of plaintext, the last one fewer or as many, plus a tag of 16 bytes

The header, canonical JSON by convention, is readable without the key and authenticated: SHA-256 of
everything before the chunks is the associated data of every chunk. Each file has its own key, HKDF
of the caller's key and the salt, so nonces of two files never meet. A chunk's nonce is prefix ·
counter (4) · last flag (1); therefore chunks can be neither exchanged nor dropped, and nothing can
be appended (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015).
"""

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.stream_errors import Damage, SealedFileDamagedError

CHUNK: Final = 65_536
LONGEST_HEADER: Final = 1 << 20
_MAGIC: Final = b"MNEMSEAL"
_VERSION: Final = b"\x01"
_SALT: Final = 32
_PREFIX: Final = 7
_TAG: Final = 16
_LABEL: Final = "mnemosyne/stream/1"


class Writable(Protocol):
    """What sealed or opened bytes are written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        ...


@dataclass(frozen=True, slots=True)
class _Preamble:
    """Everything before the first chunk, and the cipher that follows from it and the key."""

    header: bytes
    salt: bytes = field(repr=False)
    prefix: bytes

    def to_bytes(self) -> bytes:
        length = len(self.header).to_bytes(4, "big")
        return _MAGIC + _VERSION + length + self.header + self.salt + self.prefix

    def cipher(self, key: bytes) -> "_Cipher":
        file_key = derive(key, _LABEL, salt=self.salt)
        return _Cipher(AESGCM(file_key), self.prefix, sha256(self.to_bytes()))


@dataclass(frozen=True, slots=True)
class _Cipher:
    aead: AESGCM
    prefix: bytes
    associated: bytes

    def seal(self, plain: bytes, index: int, *, last: bool) -> bytes:
        return self.aead.encrypt(self._nonce(index, last=last), plain, self.associated)

    def open(self, sealed: bytes, index: int, *, last: bool) -> bytes | None:
        """Return the plaintext, or nothing where the chunk does not belong in this place."""
        try:
            return self.aead.decrypt(self._nonce(index, last=last), sealed, self.associated)
        except InvalidTag:
            return None

    def _nonce(self, index: int, *, last: bool) -> bytes:
        return self.prefix + index.to_bytes(4, "big") + bytes([last])


class EncryptingWriter:
    """Seal what is written; the file is whole only after ``finish``.

    As a context manager it finishes when the block ends well. After an exception it does not, and
    what was written so far reads as a truncated file.
    """

    def __init__(self, sink: Writable, *, key: bytes, header: bytes) -> None:
        if len(header) > LONGEST_HEADER:
            raise ValueError("the header of a sealed file is limited to 1 MiB")
        preamble = _Preamble(header, secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX))
        self._sink = sink
        self._cipher = preamble.cipher(key)
        self._pending = bytearray()
        self._index = 0
        self._finished = False
        sink.write(preamble.to_bytes())

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Seal ``data``; up to one chunk of it stays in memory until more comes."""
        if self._finished:
            raise ValueError("the sealed file is finished")
        self._pending += data
        # A full chunk waits for one more byte, since it may turn out to be the last.
        while len(self._pending) > CHUNK:
            self._emit(bytes(self._pending[:CHUNK]), last=False)
            del self._pending[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk; syncing the sink is the caller's."""
        if not self._finished:
            self._finished = True
            self._emit(bytes(self._pending), last=True)
            self._pending.clear()

    def _emit(self, plain: bytes, *, last: bool) -> None:
        self._sink.write(self._cipher.seal(plain, self._index, last=last))
        self._index += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()


def encrypt(source: BinaryIO, sink: Writable, *, key: bytes, header: bytes) -> None:
    """Seal all of ``source`` into ``sink`` under ``key`` (32 bytes) with a readable ``header``."""
    with EncryptingWriter(sink, key=key, header=header) as writer:
        while block := source.read(CHUNK):
            writer.write(block)


def read_header(source: BinaryIO) -> bytes:
    """Return the header of a sealed file without a key, hence not yet authenticated.

    Raises:
        SealedFileDamagedError: it is no sealed file, or ends within its header.
    """
    return _read_preamble(source).header


def decrypted_chunks(source: BinaryIO, *, key: bytes) -> Iterator[bytes]:
    """Yield the plaintext, each chunk authenticated before it is yielded.

    That the file is whole is known only when the iteration ends: until then the consumer writes to
    a temporary place.

    Raises:
        SealedFileDamagedError: a wrong key, or any change to any byte of the file.
    """
    cipher = _read_preamble(source).cipher(key)
    chunk = _read_up_to(source, CHUNK + _TAG)
    index = 0
    last = False
    while not last:
        following = _read_up_to(source, CHUNK + _TAG)
        last = not following
        plain = cipher.open(chunk, index, last=last) if len(chunk) >= _TAG else None
        if plain is None:
            raise SealedFileDamagedError(_diagnose(cipher, chunk, index, last=last), chunk=index)
        yield plain
        chunk = following
        index += 1


def decrypt(source: BinaryIO, sink: Writable, *, key: bytes) -> None:
    """Open ``source`` into ``sink``, which must be discarded if this raises.

    Raises:
        SealedFileDamagedError: a wrong key, or any change to any byte of the file.
    """
    for plain in decrypted_chunks(source, key=key):
        sink.write(plain)


class DecryptingReader(io.RawIOBase):
    """Read a sealed file as a plain, forward-only stream; damage is raised where it is met."""

    def __init__(self, source: BinaryIO, *, key: bytes) -> None:
        self._chunks = decrypted_chunks(source, key=key)
        self._rest = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill ``buffer`` with what is left of the present chunk, or with the next one."""
        while not self._rest:
            plain = next(self._chunks, None)
            if plain is None:
                return 0
            self._rest = plain
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def _read_preamble(source: BinaryIO) -> _Preamble:
    if _read_up_to(source, len(_MAGIC)) != _MAGIC:
        raise SealedFileDamagedError(Damage.FOREIGN)
    if _read_whole(source, 1) != _VERSION:
        raise SealedFileDamagedError(Damage.VERSION)
    length = int.from_bytes(_read_whole(source, 4), "big")
    if length > LONGEST_HEADER:
        raise SealedFileDamagedError(Damage.HEADER)
    header = _read_whole(source, length)
    return _Preamble(header, _read_whole(source, _SALT), _read_whole(source, _PREFIX))


def _diagnose(cipher: _Cipher, chunk: bytes, index: int, *, last: bool) -> Damage:
    """Say what happened as far as the key can tell; the file is refused in any case."""
    if len(chunk) < _TAG:
        return Damage.TRUNCATED
    if cipher.open(chunk, index, last=not last) is not None:
        return Damage.TRUNCATED if last else Damage.APPENDED
    return Damage.CHUNK if index else Damage.KEY_OR_CHUNK


def _read_whole(source: BinaryIO, size: int) -> bytes:
    data = _read_up_to(source, size)
    if len(data) < size:
        raise SealedFileDamagedError(Damage.TRUNCATED)
    return data


def _read_up_to(source: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes, fewer only at the end: an unbuffered source may give less at a time."""
    parts = bytearray()
    while len(parts) < size and (part := source.read(size - len(parts))):
        parts += part
    return bytes(parts)
