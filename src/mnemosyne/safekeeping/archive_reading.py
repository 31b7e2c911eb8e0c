"""Read an archive: a verdict on every byte first, and the records afterwards."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import count, takewhile
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from pydantic import ValidationError

from mnemosyne.kit.crypto.multikey import BadPublicKeyError
from mnemosyne.kit.crypto.signing import BadSignatureError, fingerprint, verify
from mnemosyne.kit.crypto.stream import CHUNK, decrypted_chunks, read_header
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.memories.importing import safety
from mnemosyne.memories.importing.limits import Limits
from mnemosyne.memories.importing.uploads import Source, Upload
from mnemosyne.safekeeping.archive_errors import ArchiveDamagedError, ArchiveSealedError
from mnemosyne.safekeeping.archive_format import (
    MANIFEST,
    README,
    SIGNATURE,
    SIGNED_PREFIX,
    ArchiveManifest,
    FileState,
    SealedHeader,
    part_name,
)
from mnemosyne.safekeeping.archive_layout import check_layout
from mnemosyne.safekeeping.archive_writing import sealed_key
from mnemosyne.safekeeping.manifest import TableState
from mnemosyne.safekeeping.rewinding import RewindingReader

_SEALED: Final = b"MNEMSEAL"
_LONGEST_MANIFEST: Final = 8 * 1024 * 1024
_LONGEST_LINE: Final = 64 * 1024 * 1024
_LIMITS: Final = Limits()
# Twice of what this program seals with at the most. Over HTTP it is less: see `unsealing`.
_MOST_MEMORY_KIB: Final = 2 * 65_536
_MOST_WORK: Final = 2 * 65_536 * 64


@dataclass(frozen=True, slots=True)
class ArchiveKey:
    """The key of one sealed archive, worked out from its passphrase already."""

    key: bytes = field(repr=False)


Opens = Passphrase | ArchiveKey | None
"""What opens an archive; a plain one needs nothing."""


@dataclass(frozen=True, slots=True)
class ArchiveVerdict:
    """An archive is whole and as its node signed it; whether one trusts that node is to be seen.

    ``fingerprint`` names the key that signed; compare it with what its owner reads out.
    """

    path: Path
    sealed: bool
    vault_id: Identifier
    person: str
    made_at: datetime
    app_version: str
    fingerprint: str
    tables: Mapping[str, TableState]


@dataclass(frozen=True, slots=True)
class OpenArchive:
    """An archive whose every byte was checked, ready to be read."""

    verdict: ArchiveVerdict
    manifest: ArchiveManifest
    zip: zipfile.ZipFile

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, in the order of the archive.

        Raises:
            ArchiveDamagedError: a line is no row.
        """
        for name in _parts(table, self.manifest):
            with self.zip.open(name) as part:
                while line := part.readline(_LONGEST_LINE):
                    yield self._row(name, line)

    def _row(self, name: str, line: bytes) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ArchiveDamagedError(self.verdict.path, f"A line of {name} is no JSON") from error
        if not isinstance(row, dict):
            raise ArchiveDamagedError(self.verdict.path, f"A line of {name} is no row")
        return row


@contextmanager
def opened(source: Source, opens: Opens = None, limits: Limits = _LIMITS) -> Iterator[OpenArchive]:
    """Check every byte of the archive at ``source``, then give it.

    Raises:
        ArchiveSealedError: it is sealed and there is no passphrase.
        SealedFileDamagedError: the passphrase is wrong, or a byte of a sealed archive changed.
        ArchiveDamagedError: it is not what its node signed.
        UnsafeArchiveError, DamagedArchiveError: its container is hostile or broken.
    """
    path = _path(source)
    try:
        with _file(source) as file:
            sealed = _is_sealed(file)
            plain = _unsealed(path, file, opens) if sealed else file
            with safety.open_checked(plain, limits) as archive:
                manifest = _checked(path, plain, archive, limits)
                yield OpenArchive(_verdict(path, manifest, sealed=sealed), manifest, archive)
    except OSError as error:
        raise ArchiveDamagedError(path, f"The system says: {error.strerror or error}") from error


def sealed_header(source: Source) -> SealedHeader | None:
    """Return how a sealed archive is opened, before a byte of it is checked; None for a plain one.

    Raises:
        ArchiveDamagedError: it cannot be read, or its header is of another form.
        SealedFileDamagedError: it ends within its header.
    """
    path = _path(source)
    try:
        with _file(source) as file:
            return _header(path, file) if _is_sealed(file) else None
    except OSError as error:
        raise ArchiveDamagedError(path, f"The system says: {error.strerror or error}") from error


def _path(source: Source) -> Path:
    return source if isinstance(source, Path) else Path(source.name)


def _file(source: Source) -> BinaryIO:
    return source.open() if isinstance(source, Upload) else source.open("rb")


def _is_sealed(file: BinaryIO) -> bool:
    sealed = file.read(len(_SEALED)) == _SEALED
    file.seek(0)
    return sealed


def _checked(
    path: Path, source: BinaryIO, archive: zipfile.ZipFile, limits: Limits
) -> ArchiveManifest:
    files = {member.name: member for member in safety.members(archive)}
    size = source.seek(0, io.SEEK_END)
    safety.check_declared(archive, tuple(files.values()), size, limits)
    check_layout(path, source, archive)
    if not {MANIFEST, SIGNATURE} <= files.keys():
        raise ArchiveDamagedError(path, "It has no manifest, or no signature")
    manifest = _manifest(
        path, _small(path, archive, files[MANIFEST]), _small(path, archive, files[SIGNATURE])
    )
    if list(files) != [*manifest.files, MANIFEST, SIGNATURE]:
        differing = set(files) ^ {*manifest.files, MANIFEST, SIGNATURE}
        what = f"“{min(differing)}” is missing or was added" if differing else "Its order differs"
        raise ArchiveDamagedError(path, what)
    _check_files(path, archive, files, manifest)
    return manifest


def _check_files(
    path: Path,
    archive: zipfile.ZipFile,
    files: Mapping[str, safety.Member],
    manifest: ArchiveManifest,
) -> None:
    """Compare every file, and every table as the whole of its parts, with the manifest."""
    parts = {name: table for table in manifest.tables for name in _parts(table, manifest)}
    tables = {table: _Summed() for table in manifest.tables}
    for name, state in manifest.files.items():
        if name != README and name not in parts:
            raise ArchiveDamagedError(path, f"“{name}” belongs to no table")
        whole = tables[parts[name]] if name in parts else _Summed()
        if _state(archive, files[name], whole) != state:
            raise ArchiveDamagedError(path, f"“{name}” was changed")
    for table, stated in manifest.tables.items():
        if tables[table].state() != stated:
            raise ArchiveDamagedError(path, f"The rows of “{table}” are not those it states")


def _parts(table: str, manifest: ArchiveManifest) -> Iterator[str]:
    """Yield the names of the parts of a table."""
    names = (part_name(table, number) for number in count(1))
    return takewhile(lambda name: name in manifest.files, names)


class _Summed:
    """The lines of a table, counted and hashed over all of its parts."""

    def __init__(self) -> None:
        self.digest = sha256()
        self.rows = 0

    def take(self, chunk: bytes) -> None:
        """Go on with the next bytes."""
        self.digest.update(chunk)
        self.rows += chunk.count(b"\n")

    def state(self) -> TableState:
        """Return what was found."""
        return TableState(rows=self.rows, digest=self.digest.hexdigest())


def _manifest(path: Path, stated: bytes, signature: bytes) -> ArchiveManifest:
    try:
        manifest = ArchiveManifest.model_validate_json(stated)
        public = bytes.fromhex(manifest.node_key)
        verify(public, _signature(signature), SIGNED_PREFIX + stated)
    except ValidationError as error:
        raise ArchiveDamagedError(path, "Its manifest is of another form") from error
    except (BadSignatureError, BadPublicKeyError, ValueError) as error:
        raise ArchiveDamagedError(path, "The signature of its manifest does not hold") from error
    return manifest


def _signature(text: bytes) -> bytes:
    """Read the signature in its one spelling.

    Raises:
        ValueError: another one.
    """
    signature = bytes.fromhex(text.decode("ascii"))
    if signature.hex().encode() != text:
        raise ValueError("a signature is written in lower-case digits, without spaces")
    return signature


def _small(path: Path, archive: zipfile.ZipFile, member: safety.Member) -> bytes:
    if member.info.file_size > _LONGEST_MANIFEST:
        raise ArchiveDamagedError(path, f"“{member.name}” is longer than it can be")
    return b"".join(safety.inflated(archive, member))


def _state(archive: zipfile.ZipFile, member: safety.Member, table: _Summed) -> FileState:
    digest = sha256()
    size = 0
    for chunk in safety.inflated(archive, member):
        digest.update(chunk)
        table.take(chunk)
        size += len(chunk)
    return FileState(size=size, sha256=digest.hexdigest())


def _verdict(path: Path, manifest: ArchiveManifest, *, sealed: bool) -> ArchiveVerdict:
    return ArchiveVerdict(
        path=path,
        sealed=sealed,
        vault_id=manifest.vault_id,
        person=manifest.person.name,
        made_at=manifest.made_at,
        app_version=manifest.app_version,
        fingerprint=fingerprint(bytes.fromhex(manifest.node_key)),
        tables=manifest.tables,
    )


def _unsealed(path: Path, file: BinaryIO, opens: Opens) -> BinaryIO:
    if opens is None:
        raise ArchiveSealedError(path)
    key = opens.key if isinstance(opens, ArchiveKey) else _derived(path, file, opens)
    file.seek(0)
    size = sum(map(len, decrypted_chunks(file, key=key)))  # authenticates all of it
    return cast("BinaryIO", io.BufferedReader(RewindingReader(file, key, size), CHUNK))


def _derived(path: Path, file: BinaryIO, passphrase: Passphrase) -> bytes:
    header = _header(path, file)
    cost = header.argon2
    if cost.memory_kib > _MOST_MEMORY_KIB or cost.memory_kib * cost.passes > _MOST_WORK:
        raise ArchiveDamagedError(path, "It asks for more work than any archive is sealed with")
    return sealed_key(header, passphrase)


def _header(path: Path, file: BinaryIO) -> SealedHeader:
    try:
        return SealedHeader.model_validate_json(read_header(file))
    except ValidationError as error:
        raise ArchiveDamagedError(path, "Its header is not that of a sealed archive") from error


def tables_of(archive: OpenArchive, names: Sequence[str]) -> dict[str, TableState]:
    """Return what an archive says of some of its tables.

    Raises:
        ArchiveDamagedError: one is missing.
    """
    missing = [name for name in names if name not in archive.manifest.tables]
    if missing:
        raise ArchiveDamagedError(archive.verdict.path, f"It lacks the table “{missing[0]}”")
    return {name: archive.manifest.tables[name] for name in names}
