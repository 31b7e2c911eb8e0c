"""The files of a .zip archive, after it was looked at as a whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from zipfile import ZipFile

from mnemosyne.memories.importing import safety
from mnemosyne.memories.importing.entry import Problem, ProblemKind
from mnemosyne.memories.importing.errors import SourceUnreadableError
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.source_file import Found, SourceFile, open_regular, storable_name
from mnemosyne.memories.importing.uploads import Source, Upload


@dataclass(frozen=True, slots=True)
class Archive:
    """An open .zip whose list of contents is harmless; ``size`` is its own, in bytes."""

    zip: ZipFile
    files: tuple[safety.Member, ...]
    size: int


@contextmanager
def opened_archive(path: Source, limits: Limits) -> Iterator[Archive]:
    """Open a .zip and check its list of contents; the bytes are not looked at.

    Raises:
        SourceUnreadableError, DamagedArchiveError, UnsafeArchiveError
    """
    try:
        # A link that the person named is theirs to follow.
        file = path.open() if isinstance(path, Upload) else open_regular(path.resolve())
    except OSError as error:
        raise SourceUnreadableError(path.name, error.strerror or "") from error
    with file:
        size = path.size if isinstance(path, Upload) else os.fstat(file.fileno()).st_size
        archive = safety.open_checked(file, limits)
        files = safety.members(archive)
        safety.check_declared(archive, files, size, limits)
        yield Archive(archive, files, size)


def files_of(archive: Archive, path: Source, limits: Limits, *, inflate: bool) -> list[Found]:
    """Return the files that are not hidden, by name; with ``inflate`` every byte is checked first.

    Raises:
        DamagedArchiveError, UnsafeArchiveError
    """
    files = archive.files
    if inflate:
        safety.check_bytes(archive.zip, files, archive.size, limits)
    shown = [member for member in files if not _hidden(member.name)]
    paths = [PurePosixPath(member.name) for member in shown]
    one_folder = len({path.parts[0] for path in paths}) == 1 and all(p.parent.name for p in paths)
    prefix = PurePosixPath() if one_folder else PurePosixPath(storable_name(path.stem))
    found: list[Found] = [
        SourceFile(
            str(prefix / member.name),
            _packed_at(member.info.date_time),
            member.info.file_size,  # as declared: the bytes were counted before
            partial(safety.translated_open, archive.zip, member),
        )
        for member in sorted(shown, key=lambda member: member.name)
    ]
    if hidden := len(files) - len(shown):
        reason = "hidden files are not looked at"
        found.append(Problem(ProblemKind.SKIPPED, storable_name(path.name), reason, hidden))
    return found


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _packed_at(parts: tuple[int, int, int, int, int, int]) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=UTC)
    except ValueError:
        return None
