"""The open format of an archive: names, the manifest, and what is fixed in its container.

``docs/archive-format.md`` describes the same for readers in other languages.
"""

from collections.abc import Mapping
from typing import Final, Literal
from zipfile import ZIP_STORED, ZipInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.safekeeping.manifest import TableState

FORMAT: Final = "mnemosyne-archive/1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
README: Final = "README.txt"
PART_BYTES: Final = 128 * 1024 * 1024
KEY_LABEL: Final = "mnemosyne/archive/1"
SIGNED_PREFIX: Final = b"mnemosyne-archive/1\n"
PERMISSIONS: Final = 0o600

EXPLANATION: Final = """\
This is an archive of Mnemosyne: everything that one person kept, in an open format.

records/TABLE-0001.jsonl, -0002 ...   the rows of a table, one JSON object on each line
manifest.json                         what is here: counts, checksums, SHA-256 of every file
manifest.sig                          Ed25519 signature of the manifest, in hexadecimal

The texts are in records/memory-*.jsonl. Whoever has this file can read all of it.
docs/archive-format.md of the program's sources describes every part.
"""


class FileState(BaseModel):
    """Size and SHA-256 of a file in the archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    sha256: str


class ArchivedPerson(BaseModel):
    """Whose archive it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class ArchiveManifest(BaseModel):
    """What an archive is, and the digest of everything in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mnemosyne-archive/1"] = FORMAT
    vault_id: str
    person: ArchivedPerson
    made_at: AwareDatetime
    app_version: str
    schema_revision: str
    node_key: str = Field(pattern="^[0-9a-f]{64}$")
    tables: Mapping[str, TableState]
    files: Mapping[str, FileState]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes, which stand in the archive and are signed."""
        return canonical_json(self.model_dump(mode="json"))


class SealedHeader(BaseModel):
    """The readable header of a sealed archive: how its key follows from the passphrase."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="hex", val_json_bytes="hex"
    )

    format: Literal["mnemosyne-archive/1"] = FORMAT
    argon2: Argon2Parameters
    salt: bytes = Field(min_length=16, max_length=16)

    def to_bytes(self) -> bytes:
        """Return the header as it stands in the file."""
        return canonical_json(self.model_dump(mode="json"))


def part_name(table: str, number: int) -> str:
    """Return the name of one part of a table's records."""
    return f"records/{table}-{number:04d}.jsonl"


def entry(name: str) -> ZipInfo:
    """Return the record of a file in the container: nothing in it is left to chance."""
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_STORED
    info.create_system = 3
    info.external_attr = PERMISSIONS << 16
    return info
