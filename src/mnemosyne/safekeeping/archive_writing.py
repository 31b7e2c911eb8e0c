"""Write the records of one person to an archive, in bounded memory."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import Connection

from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.crypto.stream import EncryptingWriter, Writable
from mnemosyne.kit.derived_data import DerivedData, Kept, OwnedTable, Record, export
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.json_lines import json_line
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase, stretch
from mnemosyne.migrations import runner
from mnemosyne.safekeeping.archive_format import (
    EXPLANATION,
    KEY_LABEL,
    MANIFEST,
    PART_BYTES,
    README,
    SIGNATURE,
    SIGNED_PREFIX,
    ArchivedPerson,
    ArchiveManifest,
    FileState,
    SealedHeader,
    entry,
    part_name,
)
from mnemosyne.safekeeping.manifest import TableState, app_version


@dataclass(frozen=True, slots=True)
class Archiving:
    """What is archived: the vault, whose rows, when, and how large a part of a table may be."""

    vault: VaultIdentity
    owner: Identifier
    made_at: datetime
    part_bytes: int = PART_BYTES


class _Stream:
    """A sink that cannot go back, so that plain and sealed archives are written alike."""

    def __init__(self, sink: Writable) -> None:
        self._sink = sink

    def write(self, data: bytes, /) -> int:
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        """Keep nothing back."""
        return


class _Container:
    """The files of an archive, hashed while they are written."""

    def __init__(self, zip_file: ZipFile) -> None:
        self._zip = zip_file
        self.files: dict[str, FileState] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], int]]:
        """Give the function that writes to a new file and returns how long it is by now."""
        digest = hashlib.sha256()
        size = 0
        with self._zip.open(entry(name), "w") as target:

            def write(data: bytes) -> int:
                nonlocal size
                target.write(data)
                digest.update(data)
                size += len(data)
                return size

            yield write
        self.files[name] = FileState(size=size, sha256=digest.hexdigest())


def write_archive(
    sink: Writable, tx: Connection, providers: Sequence[DerivedData], archiving: Archiving
) -> ArchiveManifest:
    """Write everything of the owner that is not rebuilt from other rows; return the manifest.

    Raises:
        zipfile.LargeZipFile: it would be larger than 2 GiB.
        OSError: the sink refused.
    """
    stream = cast("BinaryIO", _Stream(sink))
    with ZipFile(stream, "w", ZIP_STORED, allowZip64=False) as zip_file:
        container = _Container(zip_file)
        with container.file(README) as write:
            write(EXPLANATION.encode())
        tables: dict[str, TableState] = {}
        name = ""
        for owned in sorted(archived_tables(providers), key=_first_part):
            table = _Table(container, owned, archiving)
            tables[owned.table.name] = table.write(tx)
            name = table.person or name
        manifest = ArchiveManifest(
            vault_id=archiving.vault.vault_id,
            person=ArchivedPerson(id=archiving.owner, name=name),
            made_at=archiving.made_at,
            app_version=app_version(),
            schema_revision=runner.revision_of(tx) or "",
            node_key=archiving.vault.node_key.public.hex(),
            tables=tables,
            files=dict(container.files),
        )
        stated = manifest.to_bytes()
        with container.file(MANIFEST) as write:
            write(stated)
        with container.file(SIGNATURE) as write:
            write(archiving.vault.node_key.sign(SIGNED_PREFIX + stated).hex().encode())
    return manifest


def archived_tables(providers: Sequence[DerivedData]) -> list[OwnedTable]:
    """Return the tables that stand in an archive, in its order."""
    return [
        owned
        for provider in providers
        for owned in provider.tables
        if owned.kept is not Kept.REBUILT
    ]


def _first_part(owned: OwnedTable) -> str:
    # In the order of their names, which is the order in which the manifest lists them.
    return part_name(owned.table.name, 1)


class _Table:
    """One table on its way into the archive, cut into parts."""

    def __init__(self, container: _Container, owned: OwnedTable, archiving: Archiving) -> None:
        self._container = container
        self._owned = owned
        self._archiving = archiving
        self._digest = hashlib.sha256()
        self._rows = 0
        self.person = ""

    def write(self, tx: Connection) -> TableState:
        """Write every record and return how many there are and the digest of all."""
        records = iter(export(tx, self._owned, self._archiving.owner))
        number = 1
        while True:
            with self._container.file(part_name(self._owned.table.name, number)) as write:
                more = self._fill(records, write)
            if not more:
                return TableState(rows=self._rows, digest=self._digest.hexdigest())
            number += 1

    def _fill(self, records: Iterator[Record], write: Callable[[bytes], int]) -> bool:
        for record in records:
            line = json_line(record.row)
            self._digest.update(line)
            self._rows += 1
            if self._owned.owner_column == "id":
                self.person = str(record.row["name"])
            if write(line) >= self._archiving.part_bytes:
                return True
        return False


def sealing(sink: Writable, passphrase: Passphrase, cost: Argon2Parameters) -> EncryptingWriter:
    """Return a sink that seals what is written under a key from ``passphrase``."""
    header = SealedHeader(argon2=cost, salt=secrets.token_bytes(16))
    return EncryptingWriter(sink, key=sealed_key(header, passphrase), header=header.to_bytes())


def sealed_key(header: SealedHeader, passphrase: Passphrase) -> bytes:
    """Return the 32 bytes of key of a sealed archive."""
    return derive(stretch(passphrase, header.salt, header.argon2), KEY_LABEL)
