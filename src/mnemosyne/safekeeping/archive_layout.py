"""Compare every byte of an archive's container with what its writer would have put there.

``zipfile`` reads past comments, prefixes, gaps, and contradictions between the two places that
describe an entry. An archive has none of them: whatever is between the files follows from their
names, sizes and checksums, so an added or changed byte has nowhere to hide.
"""

import struct
import zipfile
from pathlib import Path
from typing import BinaryIO, Final

from mnemosyne.safekeeping.archive_errors import ArchiveDamagedError
from mnemosyne.safekeeping.archive_format import PERMISSIONS

# APPNOTE 4.3.7, 4.3.9, 4.3.12, 4.3.16
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_DESCRIPTOR: Final = struct.Struct("<4s3L")
_CENTRAL: Final = struct.Struct("<4s4B4H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_VERSION: Final = 20
_UNIX: Final = 3
_STREAMED: Final = 0x08  # sizes and checksum follow the bytes
_STORED: Final = 0
_MIDNIGHT: Final = 0
_FIRST_DAY: Final = 33  # 1 January 1980


def check_layout(path: Path, file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Refuse a container that is not exactly as it is written.

    Raises:
        ArchiveDamagedError
    """
    place = 0
    for info in archive.infolist():
        if info.header_offset != place:
            raise ArchiveDamagedError(path, f"There is something before “{info.filename}”")
        name = info.orig_filename.encode()
        _expect(path, file, place, _local(name))
        place += _LOCAL.size + len(name) + info.compress_size
        _expect(path, file, place, _descriptor(info))
        place += _DESCRIPTOR.size
    central = b"".join(map(_central, archive.infolist()))
    count = len(archive.infolist())
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), place, 0)
    _expect(path, file, place, central + end)
    file.seek(place + len(central) + len(end))
    if file.read(1):
        raise ArchiveDamagedError(path, "There is something after its end")


def _expect(path: Path, file: BinaryIO, place: int, expected: bytes) -> None:
    file.seek(place)
    if file.read(len(expected)) != expected:
        raise ArchiveDamagedError(path, f"Its container was changed at byte {place:,}")


def _local(name: bytes) -> bytes:
    fixed = (_VERSION, _STREAMED, _STORED, _MIDNIGHT, _FIRST_DAY)
    return _LOCAL.pack(b"PK\x03\x04", *fixed, 0, 0, 0, len(name), 0) + name


def _descriptor(info: zipfile.ZipInfo) -> bytes:
    return _DESCRIPTOR.pack(b"PK\x07\x08", info.CRC, info.compress_size, info.file_size)


def _central(info: zipfile.ZipInfo) -> bytes:
    name = info.orig_filename.encode()
    fixed = (_VERSION, _UNIX, _VERSION, 0, _STREAMED, _STORED, _MIDNIGHT, _FIRST_DAY)
    return (
        _CENTRAL.pack(
            b"PK\x01\x02",
            *fixed,
            info.CRC,
            info.compress_size,
            info.file_size,
            len(name),
            0,
            0,
            0,
            0,
            PERMISSIONS << 16,
            info.header_offset,
        )
        + name
    )
