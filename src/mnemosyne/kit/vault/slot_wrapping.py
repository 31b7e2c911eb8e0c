"""One slot: the root key under AES-256-GCM, with a key that only the right secret gives."""

import secrets
from datetime import datetime
from typing import Final, assert_never

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.passphrase import (
    Argon2Parameters,
    Passphrase,
    calibrate,
    check_strength,
    stretch,
)
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_file import (
    NONCE_BYTES,
    SALT_BYTES,
    KeyFileSlot,
    KeyringSlot,
    PassphraseSlot,
    PhraseSlot,
    Slot,
)
from mnemosyne.kit.vault.system_keyring import KeyringEntry

Secret = Passphrase | KeyFile | Phrase | KeyringEntry

_LABEL: Final = "mnemosyne/slot/passphrase/1"


def seal(root: RootKey, secret: Secret, at: datetime, argon2: Argon2Parameters | None) -> Slot:
    """Return a new slot that opens with ``secret``; without ``argon2`` its cost is calibrated.

    Raises:
        WeakPassphraseError: ``secret`` is a passphrase that can be guessed.
    """
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    slot_id = new_id(at)

    def wrap(key: bytes, facts: bytes) -> bytes:
        return AESGCM(key).encrypt(nonce, root.material, facts)

    match secret:
        case Passphrase():
            check_strength(secret)
            cost = argon2 or calibrate()
            key = _passphrase_key(secret, salt, cost)
            wrapped = wrap(key, _facts("passphrase", slot_id, cost))
            return PassphraseSlot(
                id=slot_id, created_at=at, salt=salt, nonce=nonce, wrapped=wrapped, argon2=cost
            )
        case KeyFile():
            wrapped = wrap(secret.wrapping_key(salt), _facts("key-file", slot_id))
            return KeyFileSlot(id=slot_id, created_at=at, salt=salt, nonce=nonce, wrapped=wrapped)
        case Phrase():
            wrapped = wrap(secret.wrapping_key(salt), _facts("phrase", slot_id))
            return PhraseSlot(id=slot_id, created_at=at, salt=salt, nonce=nonce, wrapped=wrapped)
        case KeyringEntry():
            wrapped = wrap(secret.wrapping_key(salt), _facts("keyring", slot_id))
            return KeyringSlot(
                id=slot_id,
                created_at=at,
                salt=salt,
                nonce=nonce,
                wrapped=wrapped,
                entry=secret.name,
            )
        case _:
            assert_never(secret)


def unseal(slot: Slot, secret: Secret) -> RootKey | None:
    """Return the root key, or None where ``secret`` does not open ``slot``."""
    match slot, secret:
        case PassphraseSlot(), Passphrase():
            key = _passphrase_key(secret, slot.salt, slot.argon2)
            facts = _facts(slot.kind, slot.id, slot.argon2)
        case KeyFileSlot(), KeyFile():
            key, facts = secret.wrapping_key(slot.salt), _facts(slot.kind, slot.id)
        case KeyringSlot(), KeyringEntry():
            key, facts = secret.wrapping_key(slot.salt), _facts(slot.kind, slot.id)
        case PhraseSlot(), Phrase():
            key, facts = secret.wrapping_key(slot.salt), _facts(slot.kind, slot.id)
        case _:
            return None
    try:
        return RootKey(AESGCM(key).decrypt(slot.nonce, slot.wrapped, facts))
    except InvalidTag:
        return None


def is_for(slot: Slot, secret: Secret) -> bool:
    """Return whether ``slot`` is of the kind that ``secret`` could open."""
    match secret:
        case Passphrase():
            return isinstance(slot, PassphraseSlot)
        case KeyFile():
            return isinstance(slot, KeyFileSlot)
        case Phrase():
            return isinstance(slot, PhraseSlot)
        case KeyringEntry():
            return isinstance(slot, KeyringSlot)
        case _:
            assert_never(secret)


def name_of(secret: Secret) -> str:
    """Return what a person calls this kind of secret."""
    match secret:
        case Passphrase():
            return "passphrase"
        case KeyFile():
            return "key file"
        case Phrase():
            return "recovery phrase"
        case KeyringEntry():
            return "keyring entry"
        case _:
            assert_never(secret)


def _passphrase_key(secret: Passphrase, salt: bytes, cost: Argon2Parameters) -> bytes:
    return derive(stretch(secret, salt, cost), _LABEL)


def _facts(kind: str, slot_id: Identifier, cost: Argon2Parameters | None = None) -> bytes:
    """Return what the wrapped key is bound to; all else is under the code of the whole file."""
    argon2 = None if cost is None else [cost.memory_kib, cost.passes, cost.lanes]
    return canonical_json({"argon2": argon2, "id": slot_id, "kind": kind})
