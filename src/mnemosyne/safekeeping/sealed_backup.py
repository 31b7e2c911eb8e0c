"""The file of a backup: manifest and encrypted database, sealed once more as one stream.

The readable header names the vault, the number and the moment, and carries the slots for
passphrase and phrase. Sealed inside stand the length of the manifest (4 bytes, big-endian), the
manifest as canonical JSON, the signature of the node under it (64 bytes), and the bytes of the
database, in which the key of the node is found again.
"""

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.multikey import BadPublicKeyError
from mnemosyne.kit.crypto.signing import BadSignatureError, verify
from mnemosyne.kit.crypto.stream import (
    CHUNK,
    DecryptingReader,
    EncryptingWriter,
    read_header,
)
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import NodeKey
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import SlotsAlteredError, SlotsDamagedError
from mnemosyne.kit.vault.slot_file import SlotScope, decode_slots
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots, open_portable_slots
from mnemosyne.kit.vault.system_keyring import KeyringEntry
from mnemosyne.safekeeping.backup_errors import BackupDamagedError, BackupExchangedError
from mnemosyne.safekeeping.manifest import FORMAT, Manifest

_LABEL: Final = "mnemosyne/backup/1"
_SIGNED_PREFIX: Final = b"mnemosyne-backup/1\n"
_LENGTH: Final = 4
_SIGNATURE: Final = 64
_LONGEST_MANIFEST: Final = 64 * 1024 * 1024
_NAME: Final = re.compile(r"mnemosyne-\d{4}-\d{2}-\d{2}-(\d{4,})\.backup")


class Header(BaseModel):
    """What can be read of a backup without a key; only opening it says whether it is genuine."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="hex", val_json_bytes="hex"
    )

    format: Literal["mnemosyne-backup/1"] = FORMAT
    vault_id: str
    counter: int
    taken_at: AwareDatetime
    slots: bytes

    def to_bytes(self) -> bytes:
        """Return the header as it stands in the file."""
        return canonical_json(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was read to its end: everything in it is authentic."""

    header: Header
    manifest: Manifest
    digest: str
    size: int


def name_of(taken_at: datetime, counter: int) -> str:
    """Return the file name of a backup."""
    return f"mnemosyne-{taken_at:%Y-%m-%d}-{counter:04d}.backup"


def header_of(path: Path) -> Header:
    """Return the header of the backup at ``path``, not yet authenticated.

    Raises:
        BackupDamagedError: it is no backup, or its beginning is damaged.
        SealedFileDamagedError: as above, found earlier.
    """
    try:
        with path.open("rb") as file:
            return Header.model_validate_json(read_header(file))
    except ValidationError as error:
        raise BackupDamagedError(path, "Its header is not that of a backup") from error
    except OSError as error:
        raise BackupDamagedError(path, f"The system says: {error.strerror or error}") from error


def root_of(header: Header, secret: Secret | RootKey, home: VaultHome | None = None) -> RootKey:
    """Return the root key that opens a backup.

    Neither a key file nor the keyring of the system opens a backup by itself; where the vault they
    belong to is there, they open that.

    Raises:
        WrongKeyError, SlotsAlteredError, SlotsDamagedError
    """
    if isinstance(secret, RootKey):
        return secret
    if isinstance(secret, KeyFile | KeyringEntry) and home is not None and home.slots.exists():
        return KeySlots(home).unlock(secret)
    return open_portable_slots(header.slots, secret)


def written_under(header: Header, root: RootKey) -> bool:
    """Return whether the slots of a backup were written under ``root``, so that it opens it."""
    try:
        decode_slots(header.slots).authenticate(root, SlotScope.BACKUP)
    except (SlotsAlteredError, SlotsDamagedError):
        return False
    return True


def seal(
    sink: BinaryIO,
    database: Path,
    manifest: Manifest,
    header: Header,
    root: RootKey,
    node_key: NodeKey,
) -> None:
    """Write a backup of the closed file ``database`` to ``sink``; syncing is the caller's.

    Raises:
        OSError: the system refused.
    """
    stated = canonical_json(manifest.model_dump(mode="json"))
    with (
        database.open("rb") as source,
        EncryptingWriter(sink, key=root.derive(_LABEL), header=header.to_bytes()) as writer,
    ):
        writer.write(len(stated).to_bytes(_LENGTH, "big") + stated)
        writer.write(node_key.sign(_SIGNED_PREFIX + stated))
        while block := source.read(CHUNK):
            writer.write(block)


def unpack(path: Path, root: RootKey, database: Path) -> Opened:
    """Authenticate every byte of the backup at ``path`` and write its database to a new file.

    Raises:
        SealedFileDamagedError: a wrong key, or any change to any byte.
        BackupDamagedError: the parts do not fit together, or the signature does not hold.
        BackupExchangedError: it lies under the name of another backup.
        FileExistsError, OSError: ``database`` could not be written.
    """
    header = header_of(path)
    with path.open("rb") as file:
        hashing = _Hashing(file)
        opening = DecryptingReader(cast("BinaryIO", hashing), key=root.derive(_LABEL))
        stream = io.BufferedReader(opening, CHUNK)
        manifest = _manifest(path, stream)
        _copy(path, stream, database, manifest)
    _check(path, header, manifest)
    return Opened(header, manifest, hashing.digest.hexdigest(), hashing.size)


def manifest_at(path: Path, root: RootKey) -> Manifest:
    """Return the manifest of the backup at ``path``, signed and authentic; the rest is not read.

    Raises:
        SealedFileDamagedError, BackupDamagedError: it does not open, or its beginning is damaged.
    """
    try:
        with path.open("rb") as file:
            opening = DecryptingReader(file, key=root.derive(_LABEL))
            return _manifest(path, io.BufferedReader(opening, CHUNK))
    except OSError as error:
        raise BackupDamagedError(path, f"The system says: {error.strerror or error}") from error


class _Hashing(io.RawIOBase):
    """Hash what is read of a file."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def _manifest(path: Path, stream: BinaryIO) -> Manifest:
    length = int.from_bytes(stream.read(_LENGTH), "big")
    if length > _LONGEST_MANIFEST:
        raise BackupDamagedError(path, "Its manifest is longer than one can be")
    try:
        stated = stream.read(length)
        manifest = Manifest.model_validate_json(stated)
        public = bytes.fromhex(manifest.contents.node_key)
        verify(public, stream.read(_SIGNATURE), _SIGNED_PREFIX + stated)
    except ValidationError as error:
        raise BackupDamagedError(path, "Its manifest is of another form") from error
    except (BadSignatureError, BadPublicKeyError) as error:
        raise BackupDamagedError(path, "Its node did not sign its manifest") from error
    return manifest


def _copy(path: Path, stream: BinaryIO, database: Path, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    size = 0
    database.touch(mode=0o600, exist_ok=False)
    with database.open("wb") as copy:
        while block := stream.read(CHUNK):
            copy.write(block)
            digest.update(block)
            size += len(block)
    if (size, digest.hexdigest()) != (manifest.database_size, manifest.database_digest):
        raise BackupDamagedError(path, "Its database is not the one of its manifest")


def _check(path: Path, header: Header, manifest: Manifest) -> None:
    contents = manifest.contents
    inside = (contents.vault_id, contents.counter, manifest.taken_at)
    if inside != (header.vault_id, header.counter, header.taken_at):
        raise BackupDamagedError(path, "Header and manifest contradict each other")
    named = _NAME.fullmatch(path.name)
    if named and int(named[1]) != header.counter:
        raise BackupExchangedError(path, header.counter)
