"""A secret in the keyring of the operating system, which the account's login unlocks."""

import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.errors import MnemosyneError

MATERIAL_BYTES: Final = 32
_ENTRY_BYTES: Final = 16
_WRAPPING: Final = "mnemosyne/slot/keyring/1"


class KeyringUnavailableError(MnemosyneError):
    """There is no keyring here, or it does not answer."""

    code = "keyring-unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(
            "the keyring of the system cannot be used",
            why=f"{why.rstrip('.')}.",
            hint="Open the vault another way: with the passphrase, a key file, or "
            "`mnemosyne --phrase COMMAND`.",
        )


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """The name of an entry, which is no secret, and the 32 random bytes in it, which are."""

    name: str
    material: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Return a fresh entry that is in no keyring yet."""
        return cls(secrets.token_hex(_ENTRY_BYTES), secrets.token_bytes(MATERIAL_BYTES))

    def wrapping_key(self, salt: bytes) -> bytes:
        """Return the 32 bytes that wrap the root key in a slot with this ``salt``."""
        return derive(self.material, _WRAPPING, salt=salt)


class SystemKeyring(Protocol):
    """The keyring of whoever is logged in."""

    def read(self, name: str) -> KeyringEntry | None:
        """Return an entry, None where there is none of this name.

        Raises:
            KeyringUnavailableError: why it cannot be asked.
        """
        ...

    def write(self, entry: KeyringEntry) -> None:
        """Store an entry.

        Raises:
            KeyringUnavailableError: why it cannot be asked.
        """
        ...

    def delete(self, name: str) -> bool:
        """Remove an entry; return whether there was one.

        Raises:
            KeyringUnavailableError: why it cannot be asked.
        """
        ...
