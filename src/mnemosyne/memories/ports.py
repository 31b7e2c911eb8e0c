"""What memories need from outside, where more than one real implementation exists."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EmbedderIdentity:
    """What tells one embedder's vectors from another's; vectors of two are never compared."""

    name: str
    weights: str
    """SHA-256 of the weights in hexadecimal, or what a remote server calls its model."""
    builder: int
    """Version of the code that turns weights into a graph; 0 where there is none."""
    precision: str
    graph: str
    """SHA-256 of the built graph in hexadecimal, or empty where there is none."""
    dimensions: int

    @property
    def key(self) -> str:
        """Return a short text that is equal exactly when the whole identity is."""
        fields = "\x1f".join(map(str, astuple(self)))
        return f"{self.name}:{self.precision}:{hashlib.sha256(fields.encode()).hexdigest()[:16]}"


class Embedder(Protocol):
    """Turn text into unit vectors; synchronous, so callers run it in a thread."""

    @property
    def identity(self) -> EmbedderIdentity:
        """Return what every vector row carries."""
        ...

    @property
    def dimensions(self) -> int:
        """Return the length of every vector."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimensions,)."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector for each text, in order, shape (n, dimensions)."""
        ...

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of each token in characters of ``text``, for chunking."""
        ...


@dataclass(frozen=True, slots=True)
class BackupCopy:
    """A backup that still holds what is erased, and the day on which it is due to go."""

    path: str
    taken_at: datetime
    expires_at: datetime


def place_for(path: str, *, runs_node: bool) -> str:
    """Return where something lies, for the person whose node it is, and to others its name alone.

    Folders of a machine tell of whoever set it up: accounts, media, mounted drives.
    """
    return path if runs_node else PurePath(path).name


class Copies(Protocol):
    """The copies of the vault that lie elsewhere, which an erase has to reckon with."""

    async def holding(self, created_at: datetime) -> tuple[BackupCopy, ...]:
        """Return the backups that hold a memory which was stored at ``created_at``."""
        ...

    async def publish_erasures(self) -> tuple[str, ...]:
        """Write the erasure ledger beside every backup; return the places that were not reached."""
        ...


class Embedders(Protocol):
    """The embedders that can be had on this machine, each made when it is first asked for."""

    def wanted(self) -> Embedder | None:
        """Return the one that the settings ask for, or None where there are no weights for it."""
        ...

    def of(self, identity: EmbedderIdentity) -> Embedder | None:
        """Return the one that made the vectors of ``identity``, if it can still be had."""
        ...

    def problem(self) -> str:
        """Return why the wanted one cannot be had, or an empty text."""
        ...
