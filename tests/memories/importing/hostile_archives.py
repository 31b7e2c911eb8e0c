"""Archives that no honest program writes, built field by field (APPNOTE 4.3)."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mnemosyne.memories.importing.archives import files_of, opened_archive
from mnemosyne.memories.importing.limits import Limits

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Record:
    """One line of an archive's list of contents, and where it says that its bytes are."""

    name: bytes
    offset: int
    crc: int
    packed: int
    size: int
    flags: int = 0


def kernel(name: bytes, content: bytes) -> tuple[bytes, Record]:
    """Return a local entry and the record that lists it at offset 0."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    crc = zlib.crc32(content)
    head = _LOCAL.pack(b"PK\3\4", 20, 0, 8, 0, 33, crc, len(packed), len(content), len(name), 0)
    return head + name + packed, Record(name, 0, crc, len(packed), len(content))


def assembled(at: Path, body: bytes, records: Sequence[Record], front: bytes = b"") -> Path:
    """Write an archive whose list of contents says what ``records`` say.

    ``front`` stands between the list and its end: the place of the 64-bit end records.
    """
    listing = b"".join(
        _CENTRAL.pack(
            b"PK\1\2", 20, 20, record.flags, 8, 0, 33, record.crc, record.packed, record.size,
            len(record.name), 0, 0, 0, 0, 0, record.offset,
        ) + record.name
        for record in records
    )  # fmt: skip
    count = min(len(records), 0xFFFF)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(listing), len(body), 0)
    at.write_bytes(body + listing + front + end)
    return at


def nested() -> bytes:
    """Return a small .zip as bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.md", "inner")
    return content.getvalue()


def check(path: Path, limits: Limits | None = None, *, inflate: bool = True) -> list[object]:
    """Go through an archive as an import does before the first row."""
    limits = limits or Limits()
    with opened_archive(path, limits) as archive:
        return list(files_of(archive, path, limits, inflate=inflate))
