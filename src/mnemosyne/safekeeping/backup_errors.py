"""What can go wrong with a backup, in words a person can act on."""

from collections.abc import Sequence
from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.safekeeping.manifest import Difference


class BackupDestinationError(MnemosyneError):
    """A folder is no place for backups."""

    code = "backup-destination"

    def __init__(self, path: Path, why: str, hint: str) -> None:
        super().__init__(f"backups cannot lie in {path}", why=why, hint=hint)
        self.path = path


class BackupNotWrittenError(MnemosyneError):
    """The system refused to write; nothing that looks like a backup is left."""

    code = "backup-not-written"

    def __init__(self, place: Path, detail: str) -> None:
        super().__init__(
            f"the backup was not written to {place}",
            why=f"The system says: {detail}. Nothing that looks like a backup was left.",
            hint="Free some room there, or choose another place; the vault is as it was.",
        )
        self.place = place
        self.detail = detail


class BackupNotProvenError(MnemosyneError):
    """A backup was written, and what it gives back is not what went in."""

    code = "backup-not-proven"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"the backup {path.name} could not be restored, so it was removed",
            why=f"{detail.rstrip('.')}.",
            hint="Check the disk, then run `mnemosyne backup` again, best to another medium.",
        )
        self.path = path
        self.detail = detail


class BackupDamagedError(MnemosyneError):
    """A file is no whole backup."""

    code = "backup-damaged"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path.name} is not a whole backup",
            why=f"{why.rstrip('.')}.",
            hint="Take another backup, or another copy of this one; nothing was changed.",
        )
        self.path = path


class BackupDiffersError(MnemosyneError):
    """The database in a backup is not what its manifest says."""

    code = "backup-differs"

    def __init__(self, path: Path, differences: Sequence[Difference]) -> None:
        first = differences[0]
        super().__init__(
            f"the contents of {path.name} differ from its manifest",
            why=f"“{first.what}” should be {first.expected} and is {first.found}; "
            f"{len(differences)} differences in all.",
            hint="Take another backup; nothing was changed.",
        )
        self.path = path
        self.differences = tuple(differences)


class BackupExchangedError(MnemosyneError):
    """A genuine backup lies under the name of another one."""

    code = "backup-exchanged"

    def __init__(self, path: Path, counter: int) -> None:
        super().__init__(
            f"{path.name} holds another backup than its name says",
            why=f"Inside it is number {counter} of its vault.",
            hint="Somebody exchanged files. Give the file its own name back, then try again.",
        )
        self.path = path
        self.counter = counter
