"""The keyring of the operating system, through the library `keyring` (the extra of that name)."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from mnemosyne.kit.vault.system_keyring import (
    MATERIAL_BYTES,
    KeyringEntry,
    KeyringUnavailableError,
)

_SERVICE: Final = "mnemosyne"
# What the library falls back to where there is nothing, and what keeps secrets in a plain file.
_NO_KEYRING: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt.")


class KeyringOfTheSystem:
    """Entries of this program in the keyring of the account: a vault's entry by its name."""

    def read(self, name: str) -> KeyringEntry | None:
        """Return an entry, None where there is none of this name.

        Raises:
            KeyringUnavailableError: there is no keyring, or it is locked.
        """
        with _available() as library:
            text = library.get_password(_SERVICE, name)
        if text is None:
            return None
        try:
            material = bytes.fromhex(text)
        except ValueError:
            return None
        return KeyringEntry(name, material) if len(material) == MATERIAL_BYTES else None

    def write(self, entry: KeyringEntry) -> None:
        """Store an entry and read it again.

        Raises:
            KeyringUnavailableError: there is no keyring, or it keeps nothing.
        """
        with _available() as library:
            library.set_password(_SERVICE, entry.name, entry.material.hex())
        if self.read(entry.name) != entry:
            raise KeyringUnavailableError("It did not give back what was stored in it")

    def delete(self, name: str) -> bool:
        """Remove an entry; return whether there was one.

        Raises:
            KeyringUnavailableError: there is no keyring, or it is locked.
        """
        if self.read(name) is None:
            return False
        with _available() as library:
            library.delete_password(_SERVICE, name)
        return True


@contextmanager
def _available() -> Iterator[Any]:
    """Give the library, and turn what it refuses into an error of ours.

    Raises:
        KeyringUnavailableError: the library or a keyring is missing, or the keyring refused.
    """
    try:
        library: Any = importlib.import_module("keyring")
        refused: type[Exception] = importlib.import_module("keyring.errors").KeyringError
    except ImportError as error:
        raise KeyringUnavailableError(
            "The library `keyring` is not installed (the extra `keyring` of this package)"
        ) from error
    backend = type(library.get_keyring()).__module__
    if backend.startswith(_NO_KEYRING):
        raise KeyringUnavailableError("This machine has none that keeps secrets")
    try:
        yield library
    except refused as error:
        raise KeyringUnavailableError(f"It says: {error}") from error
