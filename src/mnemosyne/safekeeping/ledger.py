"""The erasure ledger: which memories were erased, signed and sealed, beside every backup.

It holds identifiers, moments, and the keyed hashes by which an import knows an erased entry again.
A restore applies it before the vault can be used, so that nothing that was erased comes back,
neither from an older backup nor by the next import.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, inspect

from mnemosyne.accounts import store as accounts
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, decode_multikey
from mnemosyne.kit.crypto.signing import BadSignatureError, verify
from mnemosyne.kit.crypto.stream_errors import SealedFileDamagedError
from mnemosyne.kit.ids import Identifier, made_by
from mnemosyne.kit.vault import node_keys
from mnemosyne.kit.vault.durable_file import replace_durably
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.node_keys import Succession, reached
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.store import erasing, imports
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.erased_people import ErasedPerson
from mnemosyne.safekeeping.ledger_errors import LedgerRefusedError
from mnemosyne.safekeeping.ledger_sealing import FORMAT, LedgerKey, check_of, opened, sealed
from mnemosyne.safekeeping.store import EarlierRoot


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


class _Successor(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    previous: str = Field(max_length=64)
    next: str = Field(max_length=64)
    at: AwareDatetime
    signature: str = Field(max_length=128)
    accepted: str = Field(max_length=128)

    def of(self, vault_id: Identifier) -> Succession:
        """Return it as a value, not yet verified."""
        return Succession(
            vault_id,
            decode_multikey(self.previous),
            decode_multikey(self.next),
            self.at,
            base64.b64decode(self.signature, validate=True),
            base64.b64decode(self.accepted, validate=True),
        )


class _Person(BaseModel):
    """Somebody who was erased as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    pseudonym: str = Field(pattern="^[0-9a-f]{32}$")
    erased_at: AwareDatetime
    memories_erased: int = Field(ge=0)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    vault_id: str
    counter: int
    entries: tuple[Erased, ...]
    keys: tuple[_Successor, ...] = ()
    people: tuple[_Person, ...] = ()


def _person(gone: ErasedPerson) -> dict[str, object]:
    return {
        "digest": gone.digest,
        "pseudonym": gone.pseudonym,
        "erased_at": gone.erased_at.isoformat(),
        "memories_erased": gone.memories_erased,
    }


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
    """Everything a vault ever erased; ``counter`` grows with each entry.

    ``keys`` are the successions of its node key, so that a backup which knows an earlier one can
    verify what the present one signs.
    """

    vault_id: Identifier
    counter: int
    entries: tuple[Erased, ...]
    keys: tuple[Succession, ...] = ()
    people: tuple[ErasedPerson, ...] = ()
    """Who was erased as a whole."""

    def until(self, moment: datetime) -> "Ledger":
        """Return what concerns memories that were there at ``moment``."""
        there = tuple(each for each in self.entries if made_by(each.memory_id, moment))
        return replace(self, entries=there)

    def signing_input(self) -> bytes:
        """Return the canonical bytes that the node signs."""
        return canonical_json(
            {
                "format": FORMAT,
                "vault_id": self.vault_id,
                "counter": self.counter,
                "entries": [_signed(each) for each in self.entries],
                **({"keys": [each.document() for each in self.keys]} if self.keys else {}),
                **({"people": [_person(each) for each in self.people]} if self.people else {}),
            }
        )


def file_name(vault_id: Identifier, root: RootKey | LedgerKey | None = None) -> str:
    """Return the name of the ledger of a vault; with ``root`` of one that was given a new key."""
    after = f"-{check_of(root)}" if root else ""
    return f"erasures-{vault_id}{after}.ledger"


def of_vault(tx: Connection, vault_id: Identifier) -> Ledger:
    """Return everything that the vault erased, of every person."""
    entries = tuple(each for owner in accounts.everybody(tx) for each in _of_person(tx, owner))
    # A vault of an earlier version, which a restore replaces, has no such table.
    there = inspect(tx).has_table(node_keys.node_key.name)
    keys = tuple(each.succession for each in node_keys.earlier(tx)) if there else ()
    people = erased_people.everyone(tx)
    # Memories of somebody who is gone are named no more, and its number may not go back.
    counter = len(entries) + sum(1 + each.memories_erased for each in people)
    return Ledger(vault_id, counter, entries, keys, people)


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


def write_each(
    folder: Path,
    ledger: Ledger,
    root: RootKey,
    earlier: Sequence[EarlierRoot],
    vault: VaultIdentity,
    oldest: datetime,
) -> None:
    """Put a ledger into ``folder`` for each root key under which a backup may lie there.

    ``earlier`` are all root keys that the vault had, and ``oldest`` is of the oldest backup there.
    One for an earlier root key names what a backup of its time can hold, and nothing younger: a
    way in that was closed before the rekey still opens it.

    Raises:
        OSError: one could not be written.
    """
    name = file_name(ledger.vault_id, root if earlier else None)
    write(folder, ledger, root, vault, name)
    for number, each in enumerate(earlier):
        if each.until < oldest:
            continue
        name = file_name(ledger.vault_id, each.ledger_key if number else None)
        write(folder, ledger.until(each.until), each.ledger_key, vault, name)


def write(
    folder: Path,
    ledger: Ledger,
    root: RootKey | LedgerKey,
    vault: VaultIdentity,
    name: str = "",
) -> None:
    """Sign and seal ``ledger`` and put it into ``folder``, in place of an older one.

    Raises:
        OSError: it could not be written; an older one stands.
    """
    signed = ledger.signing_input()
    signature = base64.b64encode(vault.node_key.sign(signed)).decode("ascii")
    content = canonical_json({**json.loads(signed), "signature": signature})
    file = sealed(content, root, ledger.vault_id)
    replace_durably(folder / (name or file_name(ledger.vault_id)), file)


def read(path: Path, root: RootKey, vault: VaultIdentity, trusted: Sequence[bytes] = ()) -> Ledger:
    """Return the ledger at ``path``, signed by a key of the vault or by one that took over from it.

    ``trusted`` are further public halves with which the vault has signed.

    Raises:
        LedgerRefusedError: it is damaged, of another vault, or its signature does not hold.
    """
    try:
        signed = json.loads(opened(path, root))
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
    if document.format != FORMAT or document.vault_id != vault.vault_id:
        raise LedgerRefusedError(path, "It belongs to another vault")
    try:
        keys = tuple(each.of(vault.vault_id) for each in document.keys)
        people = tuple(ErasedPerson(**each.model_dump()) for each in document.people)
        ledger = Ledger(document.vault_id, document.counter, document.entries, keys, people)
        signers = reached({vault.node_key.public, *trusted}, keys)
        if not any(_signed_by(each, signature, ledger) for each in signers):
            raise LedgerRefusedError(path, "Its signature is not of this vault")
    except (BadSignatureError, BadPublicKeyError, ValueError) as error:
        raise LedgerRefusedError(path, "A key in it did not take over from another") from error
    return ledger


def _signed_by(public: bytes, signature: bytes, ledger: Ledger) -> bool:
    try:
        verify(public, signature, ledger.signing_input())
    except BadSignatureError:
        return False
    return True


def lies_in(folder: Path, vault_id: Identifier) -> bool:
    """Return whether a ledger of the vault is in ``folder``: then its medium is really there."""
    return any(path.is_file() for path in folder.glob(f"erasures-{vault_id}*.ledger"))


def latest_erasure(ledger: Ledger) -> datetime | None:
    """Return the moment of the last erase that a ledger knows."""
    return max((each.erased_at for each in ledger.entries), default=None)
