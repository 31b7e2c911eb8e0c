"""Decrypt a SQLCipher file page by page, pages that are free included."""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAGE: Final = 4096
_RESERVED: Final = 80  # at the end of each page: 16 bytes of IV and 64 of HMAC-SHA-512
_SALT: Final = 16  # before the first page, in place of the header of SQLite


def decrypted(path: Path, key: bytes) -> bytes:
    """Return all pages of ``path`` in the clear, under the raw 256-bit ``key``."""
    content = path.read_bytes()
    assert len(content) % _PAGE == 0
    return b"".join(
        _page(content[start : start + _PAGE], key, first=start == 0)
        for start in range(0, len(content), _PAGE)
    )


def _page(page: bytes, key: bytes, *, first: bool) -> bytes:
    body, reserved = page[: _PAGE - _RESERVED], page[_PAGE - _RESERVED :]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(reserved[:16])).decryptor()
    return decryptor.update(body[_SALT if first else 0 :]) + decryptor.finalize()
