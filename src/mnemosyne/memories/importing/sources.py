"""The files of a source, be it one file, a folder or an archive: regular files inside it only."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath

from mnemosyne.memories.importing import archives, dates
from mnemosyne.memories.importing.entry import Problem, ProblemKind
from mnemosyne.memories.importing.errors import SourceMissingError
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.source_file import Found, SourceFile, open_regular, storable_name
from mnemosyne.memories.importing.uploads import Source, Upload


@contextmanager
def opened(path: Source, limits: Limits, *, inflate: bool = True) -> Iterator[Iterator[Found]]:
    """Give the files of ``path``; an archive is checked first and stays open meanwhile.

    ``inflate=False`` looks only at an archive's list of contents.

    Raises:
        SourceMissingError, SourceUnreadableError, DamagedArchiveError, UnsafeArchiveError
    """
    if isinstance(path, Path) and _kind(path) == stat.S_IFDIR:
        yield walk(path)
    elif path.suffix.lower() == ".zip":
        with archives.opened_archive(path, limits) as archive:
            yield iter(archives.files_of(archive, path, limits, inflate=inflate))
    elif isinstance(path, Upload):
        yield iter([path.file()])
    else:
        real = path.resolve()
        name = PurePosixPath(storable_name(real.parent.name), storable_name(path.name))
        yield iter([_plain_file(real, name)])


def _kind(path: Path) -> int:
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        raise SourceMissingError(str(path), error.strerror or "") from error
    except ValueError as error:  # a NUL in the path
        raise SourceMissingError(str(path), str(error)) from error
    if kind not in {stat.S_IFDIR, stat.S_IFREG}:
        raise SourceMissingError(str(path), "It is neither a file nor a folder.")
    return kind


def _plain_file(path: Path, name: PurePosixPath) -> SourceFile:
    found = path.stat(follow_symlinks=False)
    modified = dates.from_epoch(found.st_mtime)
    return SourceFile(str(name), modified, found.st_size, partial(open_regular, path))


def walk(root: Path) -> Iterator[Found]:
    """Yield the files below ``root`` in a stable order, and what is left out with the reason."""
    root = root.resolve()
    waiting = [(root, PurePosixPath(storable_name(root.name)))]
    hidden = 0
    while waiting:
        folder, name = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Problem(ProblemKind.UNREADABLE, str(name), error.strerror or "cannot be listed")
            continue
        folders = []
        for entry in entries:
            inner = name / storable_name(entry.name)
            if entry.name.startswith("."):
                hidden += 1
            elif isinstance(found := _found(entry, inner), Path):
                folders.append((found, inner))
            else:
                yield found
        waiting.extend(reversed(folders))
    if hidden:
        reason = "hidden files and folders are not looked at"
        yield Problem(ProblemKind.SKIPPED, storable_name(root.name), reason, hidden)


def _found(entry: os.DirEntry[str], name: PurePosixPath) -> Found | Path:
    """Return a file to be read, a folder as its path, or why it is neither."""
    try:
        if entry.is_symlink():
            return Problem(ProblemKind.SKIPPED, str(name), "a link is not followed")
        if entry.is_dir(follow_symlinks=False):
            return Path(entry.path)
        if not entry.is_file(follow_symlinks=False):
            return Problem(ProblemKind.SKIPPED, str(name), "not a regular file")
        return _plain_file(Path(entry.path), name)
    except OSError as error:
        return Problem(ProblemKind.UNREADABLE, str(name), error.strerror or "cannot be read")
