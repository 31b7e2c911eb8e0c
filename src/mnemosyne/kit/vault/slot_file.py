"""The form of ``vault.slots``: the root key, wrapped once for each way in.

The checksum finds accidents before any key is derived; the code under the root key finds whoever
changes the file on purpose and corrects the checksum.
"""

import hmac
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.digests import keyed_hash, sha256
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import SlotsAlteredError, SlotsDamagedError

MOST_SLOTS: Final = 16
NONCE_BYTES: Final = 12
SALT_BYTES: Final = 16
_WRAPPED_BYTES: Final = 32 + 16  # the root key and the tag of AES-GCM
_LARGEST: Final = 64 * 1024
_AUTHENTICATION: Final = "mnemosyne/slots/authentication/1"


class SlotScope(StrEnum):
    """Where a set of slots belongs, so that a backup's cannot take the place of a vault's."""

    VAULT = "vault"
    BACKUP = "backup"


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", ser_json_bytes="hex", val_json_bytes="hex"
    )


class _Slot(_Record):
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    created_at: AwareDatetime
    salt: bytes = Field(min_length=SALT_BYTES, max_length=SALT_BYTES)
    nonce: bytes = Field(min_length=NONCE_BYTES, max_length=NONCE_BYTES)
    wrapped: bytes = Field(min_length=_WRAPPED_BYTES, max_length=_WRAPPED_BYTES)


class PassphraseSlot(_Slot):
    """Opens with a passphrase, through Argon2id at the cost that stands here."""

    kind: Literal["passphrase"] = "passphrase"
    argon2: Argon2Parameters


class KeyFileSlot(_Slot):
    """Opens with the key in a file."""

    kind: Literal["key-file"] = "key-file"


class PhraseSlot(_Slot):
    """Opens with the 24 words."""

    kind: Literal["phrase"] = "phrase"


class KeyringSlot(_Slot):
    """Opens with an entry in the keyring of the operating system."""

    kind: Literal["keyring"] = "keyring"
    entry: str = Field(pattern=r"^[0-9a-f]{32}$")


Slot = PassphraseSlot | KeyFileSlot | PhraseSlot | KeyringSlot


class SlotTable(_Record):
    """All slots of one vault or one backup."""

    format: Literal["mnemosyne-slots/1"] = "mnemosyne-slots/1"
    scope: Annotated[SlotScope, Field(strict=False)]
    slots: tuple[Annotated[Slot, Field(discriminator="kind")], ...] = Field(
        min_length=1, max_length=MOST_SLOTS
    )


class SlotFile(_Record):
    """A table of slots with its checksum and its authentication code."""

    table: SlotTable
    checksum: bytes
    authentication: bytes

    def authenticate(self, root: RootKey, scope: SlotScope) -> SlotTable:
        """Return the table, as written under ``root`` for ``scope``.

        Raises:
            SlotsAlteredError: somebody else wrote it, or it was written for another place.
        """
        genuine = hmac.compare_digest(_code(root, self.table), self.authentication)
        if not genuine or self.table.scope is not scope:
            raise SlotsAlteredError
        return self.table


def encode_slots(table: SlotTable, root: RootKey) -> bytes:
    """Return ``table`` as a file, authenticated under ``root``."""
    file = SlotFile(
        table=table, checksum=sha256(_canonical(table)), authentication=_code(root, table)
    )
    return file.model_dump_json(indent=1).encode("utf-8") + b"\n"


def decode_slots(content: bytes) -> SlotFile:
    """Return the slots in ``content``, whole but not yet authenticated.

    Raises:
        SlotsDamagedError: it is not a slot file, or not as it was written.
    """
    if len(content) > _LARGEST:
        raise SlotsDamagedError("The file is larger than slots can be")
    try:
        file = SlotFile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SlotsDamagedError(f"{where} is not what it should be: {first['msg']}") from None
    if not hmac.compare_digest(sha256(_canonical(file.table)), file.checksum):
        raise SlotsDamagedError("Its checksum is wrong: the file was changed or is damaged")
    return file


def _canonical(table: SlotTable) -> bytes:
    return canonical_json(table.model_dump(mode="json"))


def _code(root: RootKey, table: SlotTable) -> bytes:
    return keyed_hash(root.derive(_AUTHENTICATION), _canonical(table))
