"""What the shell is handed by its entry point: this installation, before any vault is open."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.vault.held_key import Unlocked
    from mnemosyne.kit.vault.key_file import KeyFile
    from mnemosyne.kit.vault.root_key import HeldKey
    from mnemosyne.kit.vault.slot_wrapping import Secret
    from mnemosyne.kit.vault.system_keyring import SystemKeyring
    from mnemosyne.memories.ports import Embedders
    from mnemosyne.safekeeping.erasure_completion import ErasureCompletion
    from mnemosyne.safekeeping.migrating import Migrated
    from mnemosyne.safekeeping.record_verification import RecordVerification
    from mnemosyne.safekeeping.rekeying import Rekeyed, WaysIn
    from mnemosyne.safekeeping.restore import RestoreChoices, Restored
    from mnemosyne.safekeeping.verify import Verdict


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its value here, its default, and what it is for."""

    variable: str
    value: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class ServedDids:
    """What a resolver can be asked for: a DID, one that was deactivated, one nobody knows."""

    active: str
    unknown: str
    deactivated: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A resolver that answers on this machine."""

    url: str
    dids: ServedDids


@dataclass(frozen=True, slots=True)
class ServeChoices:
    """Where a node is to be served: what was typed, or else what the settings say."""

    host: str
    port: int
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: tuple[str, ...] = ()
    allow_origin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a node answers, and what is to be known about that."""

    origin: str
    addresses: tuple[str, ...]
    port: int
    nobody_can_sign_in: bool
    remarks: tuple[str, ...] = ()


class ServedNode(Protocol):
    """A node that answers over HTTP."""

    @property
    def facts(self) -> Listening:
        """Return where it answers."""
        ...

    async def ended(self) -> None:
        """Wait until somebody ends it; it raises where it cannot go on."""
        ...


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

    def held_key(self) -> "HeldKey | None":
        """Return the database key where a key holder has it, or None."""
        ...

    def hold(self, secret: "Secret", span: timedelta) -> "Unlocked":
        """Start a key holder that gives out the database key for ``span``."""
        ...

    def unlocked(self) -> "Unlocked | None":
        """Return until when a key holder has the key, or None where there is none."""
        ...

    def end_holder(self) -> bool:
        """Let the key holder forget the key; return whether there was one."""
        ...

    def keyring(self) -> "SystemKeyring":
        """Return the keyring of whoever is logged in."""
        ...

    def create_key_file(self, path: Path) -> "KeyFile":
        """Write a fresh key file at ``path``."""
        ...

    def open(
        self, secret: "Secret | HeldKey", command: str
    ) -> "AbstractAsyncContextManager[Application]":
        """Open the vault with ``secret``; ``command`` is what other processes are told."""
        ...

    def open_record(
        self, secret: "Secret", command: str
    ) -> "AbstractAsyncContextManager[RecordVerification]":
        """Open the vault for the verification of its records, which needs no person."""
        ...

    def open_erasure(
        self, secret: "Secret", command: str
    ) -> "AbstractAsyncContextManager[ErasureCompletion]":
        """Open a vault whose person was erased, to complete that and hand out the receipt."""
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

    def migrate(
        self, secret: "Secret", folder: Path | None, told: Callable[[str], None]
    ) -> "Migrated":
        """Bring the vault to the tables of this version, after a backup in ``folder``."""
        ...

    def ways_in(self, secrets: "Sequence[Secret]") -> "WaysIn":
        """Return which ways in a rekey with these secrets would keep, and which it would close."""
        ...

    def rekey(self, secrets: "Sequence[Secret]", told: Callable[[str], None]) -> "Rekeyed":
        """Give the vault a new key that each of ``secrets`` opens, and nothing else."""
        ...

    def serve_resolver(
        self, application: "Application | None", *, port: int, origins: Sequence[str]
    ) -> "AbstractAsyncContextManager[Served]":
        """Serve the DIDs of an open vault on this machine, the examples where there is none.

        Web pages of ``origins`` may read what it answers.
        """
        ...

    def serve_choices(self) -> ServeChoices:
        """Return where the settings say that a node is served."""
        ...

    def check_serve(self, choices: ServeChoices) -> None:
        """Refuse what cannot be served so, before a vault is opened."""
        ...

    def serve(
        self, application: "Application", choices: ServeChoices
    ) -> AbstractAsyncContextManager[ServedNode]:
        """Serve an open vault: its pages, its API and its DIDs."""
        ...

    async def stopped(self) -> None:
        """Wait until the person, or the system, ends what runs."""
        ...
