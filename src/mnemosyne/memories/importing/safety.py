"""Look for every hazard of a .zip archive before the first memory is read from it.

Two passes over the list of contents and then over the bytes themselves: each entry is inflated,
counted and thrown away. Nothing is ever unpacked to the disk.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from mnemosyne.memories.importing.archive_kinds import is_archive
from mnemosyne.memories.importing.errors import DamagedArchiveError, UnsafeArchiveError
from mnemosyne.memories.importing.limits import Limits

CHUNK = 1024 * 1024
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # APPNOTE 4.4.4: traditional, strong, masked directory
_UTF8 = 0x800
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE = re.compile(r"[A-Za-z]:")
_END = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16: end of central directory
_END64_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LONGEST_COMMENT = 65_535
_LOCAL_HEADER = 30  # at least, in front of each entry's bytes (4.3.7)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name as text, and the record to open it by."""

    name: str
    info: zipfile.ZipInfo


def open_checked(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Open a .zip whose list of contents is small enough to be read at all.

    Raises:
        DamagedArchiveError, UnsafeArchiveError
    """
    entries, directory = _declared(file)
    if entries > limits.archive_entries or directory > limits.archive_directory:
        raise UnsafeArchiveError("", f"has more than {limits.archive_entries:,} entries")
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError as error:
        raise UnsafeArchiveError("", "has a name that is not UTF-8") from error
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OSError) as error:
        raise DamagedArchiveError("", str(error)) from error
    if len(archive.filelist) > limits.archive_entries:
        raise UnsafeArchiveError("", f"has more than {limits.archive_entries:,} entries")
    return archive


def _declared(file: BinaryIO) -> tuple[int, int]:
    """Return the larger of the declared counts and sizes of the list of contents."""
    size = file.seek(0, 2)
    start = max(0, size - _LONGEST_COMMENT - _END.size - _END64_LOCATOR.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise DamagedArchiveError("", "Its list of contents is missing")
    _, _, _, _, entries, directory, _, _ = _END.unpack_from(tail, at)
    if at >= _END64_LOCATOR.size:
        mark, _, offset, _ = _END64_LOCATOR.unpack_from(tail, at - _END64_LOCATOR.size)
        # Readers differ: some follow the locator, `zipfile` takes the record in front of it.
        in_front = start + at - _END64_LOCATOR.size - _END64.size
        for place in (offset, in_front) if mark == b"PK\x06\x07" else ():
            if 0 <= place <= size - _END64.size:
                file.seek(place)
                end = _END64.unpack(file.read(_END64.size))
                entries, directory = max(entries, end[7]), max(directory, end[8])
    return entries, directory


def members(archive: zipfile.ZipFile) -> tuple[Member, ...]:
    """Return the files of ``archive`` after a look at every name and kind.

    Raises:
        UnsafeArchiveError
    """
    seen: set[str] = set()
    found = []
    for info in archive.infolist():
        name = _name(info)
        if reason := _hazard(name, info):
            raise UnsafeArchiveError(name, reason)
        # Two spellings of one name overwrite each other on some systems and not on others.
        key = unicodedata.normalize("NFC", str(PurePosixPath(name))).casefold()
        if key in seen:
            raise UnsafeArchiveError(name, "is there twice")
        seen.add(key)
        if not info.is_dir():
            found.append(Member(name, info))
    return tuple(found)


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:  # some programs write UTF-8 and do not say so; `zipfile` reads it as code page 437
        return name.encode("cp437").decode("utf-8")
    except UnicodeError as error:
        raise UnsafeArchiveError(name, "is a name that is not UTF-8") from error


def _hazard(name: str, info: zipfile.ZipInfo) -> str:
    path = name.replace("\\", "/")
    mode = stat.S_IFMT(info.external_attr >> 16)
    checks = {
        "has no name": not (info.is_dir() or PurePosixPath(path.strip()).name),
        "has a NUL in its name": "\0" in name,
        "is an absolute path": path.startswith("/") or bool(_DRIVE.match(path)),
        "leads out of the archive": ".." in path.split("/"),
        "is a link": mode == stat.S_IFLNK,
        "is neither a file nor a folder": mode not in {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK},
        "is encrypted": bool(info.flag_bits & _ENCRYPTED),
        "is packed by an uncommon method": info.compress_type not in _METHODS,
    }
    return next((reason for reason, found in checks.items() if found), "")


def check_declared(
    archive: zipfile.ZipFile, files: tuple[Member, ...], size: int, limits: Limits
) -> None:
    """Refuse an archive of ``size`` bytes whose own list of contents already says too much.

    Raises:
        UnsafeArchiveError
    """
    total = 0
    for member in files:
        total += member.info.file_size  # `zipfile` never gives out more than this
        _check_total(total, member, size, limits)
    end = -1
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:  # D. Fifield, “A better zip bomb”, 2019
            raise UnsafeArchiveError(info.orig_filename, "shares its bytes with another entry")
        end = info.header_offset + _LOCAL_HEADER + info.compress_size


def _check_total(total: int, member: Member, size: int, limits: Limits) -> None:
    if total > limits.total:
        raise UnsafeArchiveError("", f"holds more than {limits.total:,} bytes")
    if total > limits.ratio_from and total > limits.ratio * size:
        reason = f"inflates to more than {limits.ratio} times the archive's size"
        raise UnsafeArchiveError(member.name, reason)


def check_bytes(
    archive: zipfile.ZipFile, files: tuple[Member, ...], size: int, limits: Limits
) -> None:
    """Inflate every file of an archive of ``size`` bytes, count what comes out, keep nothing.

    Raises:
        DamagedArchiveError, UnsafeArchiveError
    """
    total = 0
    for member in files:
        head = b""
        for chunk in inflated(archive, member):
            head = head or chunk
            total += len(chunk)
            _check_total(total, member, size, limits)
        if is_archive(member.name, head):
            raise UnsafeArchiveError(member.name, "is an archive inside the archive")


def inflated(archive: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    """Yield the bytes of one file, a chunk at a time.

    Raises:
        DamagedArchiveError
    """
    with translated_open(archive, member) as stream:
        while True:
            try:
                chunk = stream.read(CHUNK)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                raise DamagedArchiveError(member.name, str(error)) from error
            if not chunk:
                return
            yield chunk


def translated_open(archive: zipfile.ZipFile, member: Member) -> IO[bytes]:
    """Open one file of an archive for reading.

    Raises:
        DamagedArchiveError
    """
    try:
        return archive.open(member.info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise DamagedArchiveError(member.name, str(error)) from error
