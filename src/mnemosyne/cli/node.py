"""What the shell is handed by its entry point: this installation, before any vault is open."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.vault.key_file import KeyFile
    from mnemosyne.kit.vault.slot_wrapping import Secret
    from mnemosyne.memories.ports import Embedders
    from mnemosyne.safekeeping.restore import RestoreChoices, Restored
    from mnemosyne.safekeeping.verify import Verdict


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its value here, its default, and what it is for."""

    variable: str
    value: str
    default: str
    description: str


class Node(Protocol):
    """An installation on this machine. Reading a property may refuse: a setting can be wrong."""

    @property
    def home(self) -> Path:
        """Return the folder of the vault."""
        ...

    @property
    def zone(self) -> tzinfo:
        """Return where the person lives."""
        ...

    @property
    def drain_seconds(self) -> float:
        """Return for how long a command works on waiting enrichment."""
        ...

    @property
    def import_limit(self) -> int:
        """Return the most bytes that one import may read."""
        ...

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        ...

    def settings(self) -> Sequence[Setting]:
        """Return every setting."""
        ...

    def key_file(self) -> "KeyFile | None":
        """Return the key in the file that the settings name, or None where they name none."""
        ...

    def read_key_file(self, path: Path) -> "KeyFile":
        """Return the key in the file at ``path``."""
        ...

    def create_key_file(self, path: Path) -> "KeyFile":
        """Write a fresh key file at ``path``."""
        ...

    def open(self, secret: "Secret", command: str) -> "AbstractAsyncContextManager[Application]":
        """Open the vault with ``secret``; ``command`` is what other processes are told."""
        ...

    async def create(self, name: str, secrets: "Sequence[Secret]", recovery_key_hash: str) -> None:
        """Make a vault that opens with each of ``secrets``."""
        ...

    def missing_weights(self) -> str:
        """Return why there is no embedder, or an empty text where there is one."""
        ...

    def embedders(self) -> "Embedders":
        """Return the embedders of this machine, for a vault that is thrown away."""
        ...

    def install_weights(self) -> Path:
        """Fetch the published embedding weights and return where they are now."""
        ...

    def verify_backup(self, file: Path, secret: "Secret") -> "Verdict":
        """Check a backup that the vault here need not know."""
        ...

    def restore(self, file: Path, secret: "Secret", choices: "RestoreChoices") -> "Restored":
        """Put the vault of a backup in the place of the one here."""
        ...
