"""The few stand-ins: for what is large, remote, or would hide what a test is about."""

import hashlib
import re
import types
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.ports import EmbedderIdentity

_WORD = re.compile(r"\w+")


class HashedWords:
    """A small embedder: the unit vector of a bag of words, each word a place by its hash."""

    def __init__(self, name: str = "hashed-words", dimensions: int = 384) -> None:
        self.identity = EmbedderIdentity(name, "0" * 64, 1, "fp32", "", dimensions)
        self.dimensions = dimensions
        self.texts = 0

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimensions, np.float32)
        for word in _WORD.findall(text.casefold()) or [text]:
            digest = hashlib.sha256(word.encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % self.dimensions] += (
                1 if digest[4] % 2 else -1
            )
        if not vector.any():  # two words that cancel each other
            vector[0] = 1
        return vector / np.float32(np.linalg.norm(vector))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]


class HashedWordsOnly:
    """The embedders of a machine on which there is one kind, or none."""

    def __init__(self, wanted: HashedWords | None) -> None:
        self.now = wanted

    def wanted(self) -> HashedWords | None:
        return self.now

    def of(self, identity: EmbedderIdentity) -> HashedWords | None:
        return self.now if self.now is not None and self.now.identity == identity else None

    def problem(self) -> str:
        return "" if self.now else "there are no weights"


class KeyringLibrary(types.ModuleType):
    """The library `keyring` with a keyring in memory: what belongs to a login, not to a machine.

    ``kind`` names the module of its backend; while ``locked`` it refuses.
    """

    def __init__(self, kind: str = "keyring.backends.SecretService") -> None:
        super().__init__("keyring")
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False
        self._backend = type("Keyring", (), {"__module__": kind})()
        self.errors = types.ModuleType("keyring.errors")
        self.refused = type("KeyringError", (Exception,), {})
        self.errors.KeyringError = self.refused  # type: ignore[attr-defined]

    def get_keyring(self) -> object:
        return self._backend

    def get_password(self, service: str, name: str) -> str | None:
        self._look()
        return self.entries.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self._look()
        self.entries[service, name] = password

    def delete_password(self, service: str, name: str) -> None:
        self._look()
        del self.entries[service, name]

    def _look(self) -> None:
        if self.locked:
            raise self.refused("the collection is locked")
