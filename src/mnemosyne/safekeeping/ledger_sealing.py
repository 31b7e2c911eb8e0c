"""The seal around an erasure ledger, and what stands readable on it."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.derivation import derive, key_check
from mnemosyne.kit.crypto.stream import decrypt, encrypt, read_header
from mnemosyne.kit.crypto.stream_errors import SealedFileDamagedError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.root_key import RootKey

FORMAT: Final = "mnemosyne-erasures/1"
# Under the key of the database, so that an erase which a key holder opened the vault for reaches
# the ledgers as well; those of before were sealed under the root key.
_LABEL: Final = "mnemosyne/erasure-ledger/2"
_EARLIER_LABEL: Final = "mnemosyne/erasure-ledger/1"
_LARGEST: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """What seals the ledgers of one root key, and opens nothing else. It shows nowhere."""

    material: bytes = field(repr=False)


def ledger_key(root: RootKey) -> LedgerKey:
    """Return what seals the ledgers of the time of ``root``."""
    return LedgerKey(derive(root.database_key(), _LABEL))


def check_of(root: RootKey | LedgerKey) -> str:
    """Return by what it is told under which root key a ledger is sealed."""
    return key_check(_key(root))


def sealed(content: bytes, root: RootKey | LedgerKey, vault_id: Identifier) -> bytes:
    """Return ``content`` as the file of a ledger."""
    sink = io.BytesIO()
    facts = {"format": FORMAT, "key": check_of(root), "vault_id": vault_id}
    encrypt(io.BytesIO(content), sink, key=_key(root), header=canonical_json(facts))
    return sink.getvalue()


def opened(path: Path, root: RootKey) -> bytes:
    """Return what is sealed in the ledger at ``path``.

    Raises:
        SealedFileDamagedError: another key, or any change to any byte.
        OSError, ValueError: it cannot be read, or is too large to be a ledger.
    """
    plain = io.BytesIO()
    if path.stat().st_size > _LARGEST:
        raise ValueError("a ledger is never that large")
    key = _key(root) if "key" in stated(path) else root.derive(_EARLIER_LABEL)
    with path.open("rb") as file:
        decrypt(file, plain, key=key)
    return plain.getvalue()


def stated(path: Path) -> dict[str, object]:
    """Return what a ledger says of itself before it is opened, which proves nothing."""
    try:
        with path.open("rb") as file:
            said = json.loads(read_header(file))
    except (SealedFileDamagedError, OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _key(root: RootKey | LedgerKey) -> bytes:
    return (root if isinstance(root, LedgerKey) else ledger_key(root)).material
