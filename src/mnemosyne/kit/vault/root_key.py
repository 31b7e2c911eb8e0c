"""The root of every key of a vault: 32 random bytes that are stored wrapped and never bare."""

import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.principal import NeedsSecretError

ROOT_KEY_BYTES: Final = 32
_DATABASE: Final = "mnemosyne/database/1"


@dataclass(frozen=True, slots=True)
class RootKey:
    """What a slot opens. It shows in no representation."""

    material: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.material) != ROOT_KEY_BYTES:
            message = f"a root key has {ROOT_KEY_BYTES} bytes"
            raise ValueError(message)

    @classmethod
    def generate(cls) -> Self:
        """Return a fresh random root key."""
        return cls(secrets.token_bytes(ROOT_KEY_BYTES))

    def derive(self, label: str, length: int = 32) -> bytes:
        """Return ``length`` bytes of key for the purpose ``label``, independent of every other."""
        return derive(self.material, label, length)

    def database_key(self) -> bytes:
        """Return the raw 256-bit key of the SQLCipher file."""
        return self.derive(_DATABASE)


@dataclass(frozen=True, slots=True)
class HeldKey(RootKey):
    """What a key holder gives out in place of the root key: the key of the database, alone."""

    def derive(self, label: str, length: int = 32) -> bytes:
        """Refuse: no other key follows from that of the database.

        Raises:
            NeedsSecretError
        """
        del label, length
        raise NeedsSecretError

    def database_key(self) -> bytes:
        """Return the raw 256-bit key of the SQLCipher file."""
        return self.material
