"""Where a vault lies: one folder, private to its owner, with the database and the ways into it."""

import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.durable_file import sync_folder

PRIVATE_FOLDER: Final = 0o700
_GROUP_AND_OTHERS: Final = 0o077


class VaultExistsError(MnemosyneError):
    """A vault was to be made where one is already."""

    code = "vault-exists"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is a vault in {path} already",
            why="A new one would take its place; nothing was touched.",
            hint="Use it as it is, or set MNEMOSYNE_HOME to another folder for a second vault.",
        )
        self.path = path


class VaultMissingError(MnemosyneError):
    """There is no vault to open."""

    code = "vault-missing"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is no vault in {path}",
            why="The folder holds neither a database nor what would open one.",
            hint="Make one with `mnemosyne init`, or set MNEMOSYNE_HOME to the folder of yours.",
        )
        self.path = path


class VaultIncompleteError(MnemosyneError):
    """One part of a vault is there and the other is not; it is never made anew."""

    code = "vault-incomplete"

    def __init__(self, path: Path, missing: str, *, hint: str) -> None:
        super().__init__(
            f"the vault in {path} is incomplete: {missing} is missing",
            why="Half of a vault is no vault, and nothing is made in place of what is missing.",
            hint=hint,
        )
        self.path = path
        self.missing = missing


class VaultHomeSharedError(MnemosyneError):
    """The folder meant for a vault is in use and open to other accounts."""

    code = "vault-home-shared"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"other accounts of this machine can look into {path}",
            why="The folder is not empty, so its permissions were left as they are.",
            hint=f"Make it private with `chmod 700 {path}`, or choose an empty folder.",
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class VaultHome:
    """The folder of one vault and the names inside it."""

    path: Path

    @property
    def database(self) -> Path:
        """The encrypted database; its write-ahead log lies beside it."""
        return self.path / "vault.db"

    @property
    def slots(self) -> Path:
        """The root key, wrapped once for each way in."""
        return self.path / "vault.slots"

    @property
    def previous_slots(self) -> Path:
        """The slots as they were before their last change."""
        return self.path / "vault.slots.previous"

    @property
    def lock(self) -> Path:
        """The file whose lock every process holds while it uses the vault."""
        return self.path / "vault.lock"

    @property
    def processes(self) -> Path:
        """The folder in which the processes that use the vault say who they are."""
        return self.path / "processes"

    @property
    def did_log(self) -> Path:
        """A copy of the log of the owner's DID, which is public; a restore leaves it as it is."""
        return self.path / "did-log.jsonl"

    def did_log_of(self, person: str) -> Path:
        """Return the same of somebody who came later: each person has a file of their own."""
        return self.path / f"did-log-{person}.jsonl"

    def later_did_logs(self) -> dict[str, Path]:
        """Return the files of those who came later, by person, of whom there is anything here."""
        found = sorted(self.path.glob("did-log-*.jsonl*"))
        people = (path.name.removeprefix("did-log-").partition(".")[0] for path in found)
        return {person: self.did_log_of(person) for person in people}

    def create(self) -> None:
        """Make the folders, private to their owner; a vault that is there stays untouched.

        Raises:
            VaultExistsError: there is a vault already.
            VaultIncompleteError: there is half of one.
            VaultHomeSharedError: the folder is in use and open to others.
        """
        if self.exists():
            raise VaultExistsError(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.path, self.processes):
            _make_private(folder)
            sync_folder(folder.parent)

    def exists(self) -> bool:
        """Return whether there is a whole vault here.

        Raises:
            VaultIncompleteError: there is half of one.
        """
        database, slots = self.database.exists(), self.slots.exists()
        if slots and not database:
            raise VaultIncompleteError(
                self.path,
                "vault.db, the database",
                hint="Bring the file back, or move the folder away and restore a backup with "
                "`mnemosyne restore FILE`. If `init` was interrupted, nothing was stored: move the "
                "folder away and run it again.",
            )
        if database and not slots:
            raise VaultIncompleteError(
                self.path, "vault.slots, the way in", hint=self._way_to_find_slots()
            )
        return database

    def require(self) -> None:
        """Refuse to go on where there is no whole vault.

        Raises:
            VaultMissingError: there is nothing.
            VaultIncompleteError: there is half of one.
        """
        if not self.exists():
            raise VaultMissingError(self.path)

    def _way_to_find_slots(self) -> str:
        if self.previous_slots.exists():
            return f"Copy {self.previous_slots.name} to {self.slots.name}; then try again."
        return (
            "Bring the file back from a copy of the folder, or move the folder away and restore a "
            "backup with `mnemosyne restore FILE`: every backup carries its slots."
        )


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    if folder.stat().st_mode & _GROUP_AND_OTHERS:
        if any(folder.iterdir()):
            raise VaultHomeSharedError(folder)
        folder.chmod(PRIVATE_FOLDER)


def switch_core_dumps_off() -> None:
    """Keep this process and its children from leaving their memory in a file when they crash."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
