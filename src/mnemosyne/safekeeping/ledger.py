"""The erasure ledger: which memories were erased, signed and sealed, beside every backup.

It holds identifiers, moments, and the keyed hashes by which an import knows an erased entry again.
A restore applies it before the vault can be used, so that nothing that was erased comes back,
neither from an older backup nor by the next import.
"""

import base64
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.multikey import BadPublicKeyError
from mnemosyne.kit.crypto.signing import BadSignatureError, verify
from mnemosyne.kit.crypto.stream import decrypt, encrypt
from mnemosyne.kit.crypto.stream_errors import SealedFileDamagedError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.durable_file import replace_durably
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.store import erasing, imports
from mnemosyne.safekeeping.ledger_errors import LedgerRefusedError

FORMAT: Final = "mnemosyne-erasures/1"
_LABEL: Final = "mnemosyne/erasure-ledger/1"
_LARGEST: Final = 256 * 1024 * 1024


class ImportIdentity(BaseModel):
    """By what an import knows an entry again: the format it came in, and keyed hashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1, max_length=64)
    source_key: str = Field(pattern="^[0-9a-f]{64}$")
    text_hash: str = Field(pattern="^[0-9a-f]{64}$")
    version: int = Field(ge=1)


class Erased(BaseModel):
    """A memory that is gone, whose it was, since when, and what it was imported as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_id: str = Field(pattern="^[0-9a-f]{32}$")
    owner: str = Field(pattern="^[0-9a-f]{32}$")
    erased_at: AwareDatetime
    imports: tuple[ImportIdentity, ...] = ()


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    vault_id: str
    counter: int
    entries: tuple[Erased, ...]


def _signed(entry: Erased) -> dict[str, object]:
    # Entries without identities are signed as they were before ledgers had them.
    identities = [each.model_dump() for each in entry.imports]
    return {
        "memory_id": entry.memory_id,
        "owner": entry.owner,
        "erased_at": entry.erased_at.isoformat(),
        **({"imports": identities} if identities else {}),
    }


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything a vault ever erased; ``counter`` grows with each entry."""

    vault_id: Identifier
    counter: int
    entries: tuple[Erased, ...]

    def signing_input(self) -> bytes:
        """Return the canonical bytes that the node signs."""
        return canonical_json(
            {
                "format": FORMAT,
                "vault_id": self.vault_id,
                "counter": self.counter,
                "entries": [_signed(each) for each in self.entries],
            }
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What lay beside the backups: the ledgers of the vault, the newest first, and the refused."""

    ledgers: tuple[Ledger, ...]
    refused: tuple[LedgerRefusedError, ...]

    def entries(self) -> tuple[Erased, ...]:
        """Return what any of the ledgers names: an erase is final, whoever recorded it.

        What a memory was imported as is taken from the newest ledger that says it.
        """
        found: dict[Identifier, Erased] = {}
        for entry in (entry for each in self.ledgers for entry in each.entries):
            newest = found.setdefault(entry.memory_id, entry)
            if entry.imports and not newest.imports:
                found[entry.memory_id] = entry
        return tuple(found.values())


def file_name(vault_id: Identifier) -> str:
    """Return the name of the ledger of a vault."""
    return f"erasures-{vault_id}.ledger"


def of_vault(tx: Connection, vault_id: Identifier) -> Ledger:
    """Return everything that the vault erased, of every person."""
    entries = tuple(each for owner in accounts.everybody(tx) for each in _of_person(tx, owner))
    return Ledger(vault_id, len(entries), entries)


def _of_person(tx: Connection, owner: Identifier) -> Iterator[Erased]:
    imported = imports.of_erased(tx, owner)
    for each in erasing.ledger(tx, owner):
        identities = tuple(
            ImportIdentity(
                source=source,
                source_key=kept.source_key.hex(),
                text_hash=kept.text_hash.hex(),
                version=kept.version,
            )
            for source, kept in imported.get(each.memory_id, ())
        )
        yield Erased(
            memory_id=each.memory_id,
            owner=owner,
            erased_at=each.requested_at,
            imports=identities,
        )


def write(folder: Path, ledger: Ledger, root: RootKey, vault: VaultIdentity) -> None:
    """Sign and seal ``ledger`` and put it into ``folder``, in place of an older one.

    Raises:
        OSError: it could not be written; an older one stands.
    """
    signed = ledger.signing_input()
    signature = base64.b64encode(vault.node_key.sign(signed)).decode("ascii")
    content = canonical_json({**json.loads(signed), "signature": signature})
    sealed = io.BytesIO()
    header = canonical_json({"format": FORMAT, "vault_id": ledger.vault_id})
    encrypt(io.BytesIO(content), sealed, key=root.derive(_LABEL), header=header)
    replace_durably(folder / file_name(ledger.vault_id), sealed.getvalue())


def read(path: Path, root: RootKey, vault: VaultIdentity) -> Ledger:
    """Return the ledger at ``path``.

    Raises:
        LedgerRefusedError: it is damaged, of another vault, or its signature does not hold.
    """
    try:
        signed = json.loads(_opened(path, root))
        signature = base64.b64decode(str(signed.pop("signature")), validate=True)
        document = _Document.model_validate(signed)
    except SealedFileDamagedError as error:
        raise LedgerRefusedError(
            path, f"It does not open with the key of the vault: {error}"
        ) from (error)
    except OSError as error:
        raise LedgerRefusedError(path, f"The system says: {error.strerror or error}") from error
    except (ValidationError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise LedgerRefusedError(path, "A part of it is missing or of another form") from error
    ledger = Ledger(document.vault_id, document.counter, document.entries)
    if document.format != FORMAT or document.vault_id != vault.vault_id:
        raise LedgerRefusedError(path, "It belongs to another vault")
    try:
        verify(vault.node_key.public, signature, ledger.signing_input())
    except (BadSignatureError, BadPublicKeyError) as error:
        raise LedgerRefusedError(path, "Its signature is not of this vault") from error
    return ledger


def find(folders: Iterable[Path], root: RootKey, vault: VaultIdentity) -> Found:
    """Return the valid ledgers in ``folders``, the newest first, and what was refused."""
    found: list[Ledger] = []
    refused: list[LedgerRefusedError] = []
    for folder in dict.fromkeys(folders):
        for path in sorted(folder.glob("erasures-*.ledger")):
            try:
                found.append(read(path, root, vault))
            except LedgerRefusedError as error:
                refused.append(error)
    return newest_first(found, refused)


def newest_first(found: Sequence[Ledger], refused: Sequence[LedgerRefusedError]) -> Found:
    """Return what was found in the order in which it counts."""
    ordered = sorted(found, key=lambda ledger: (ledger.counter, _latest(ledger)), reverse=True)
    return Found(tuple(ordered), tuple(refused))


def _latest(ledger: Ledger) -> float:
    return max((each.erased_at.timestamp() for each in ledger.entries), default=0.0)


def _opened(path: Path, root: RootKey) -> bytes:
    plain = io.BytesIO()
    if path.stat().st_size > _LARGEST:
        raise ValueError("a ledger is never that large")
    with path.open("rb") as file:
        decrypt(file, plain, key=root.derive(_LABEL))
    return plain.getvalue()


def lies_in(folder: Path, vault_id: Identifier) -> bool:
    """Return whether a ledger of the vault is in ``folder``: then its medium is really there."""
    return (folder / file_name(vault_id)).is_file()


def latest_erasure(ledger: Ledger) -> datetime | None:
    """Return the moment of the last erase that a ledger knows."""
    return max((each.erased_at for each in ledger.entries), default=None)
