"""Why a restore was not carried out, and what became of the vault that was there."""

from datetime import datetime
from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class OlderBackupError(MnemosyneError):
    """The vault that would be replaced has made backups after this one."""

    code = "older-backup"

    def __init__(self, taken_at: datetime, counter: int, newest: datetime, live: int) -> None:
        super().__init__(
            f"this backup is older than the vault: it was taken on {taken_at:%Y-%m-%d %H:%M} UTC",
            why=f"It is number {counter}; the vault has come to number {live}, last changed on "
            f"{newest:%Y-%m-%d %H:%M} UTC. What was stored in between would be gone.",
            hint="Restore the newest backup, or say --allow-older. The vault was not touched.",
        )
        self.taken_at = taken_at
        self.counter = counter
        self.newest = newest
        self.live_counter = live


class OtherVaultError(MnemosyneError):
    """Another vault lives where this backup would be restored."""

    code = "other-vault"

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"the vault in {home} is another one than that of the backup",
            why="Its slots were written under another root key. It was not touched.",
            hint="Set MNEMOSYNE_HOME to an empty folder, or say --replace-other.",
        )
        self.home = home


class RestoreNotWrittenError(MnemosyneError):
    """The system refused to write; the vault is as it was."""

    code = "restore-not-written"

    def __init__(self, home: Path, detail: str) -> None:
        super().__init__(
            f"the backup could not be restored to {home}",
            why=f"The system says: {detail}. The vault was not touched.",
            hint="A restore needs room for the whole vault once more; free some and repeat it.",
        )
        self.home = home
        self.detail = detail


class RestoreUnfinishedError(MnemosyneError):
    """The new vault is whole and stands; putting it in its place was held up by the system."""

    code = "restore-unfinished"

    def __init__(self, home: Path, detail: str) -> None:
        super().__init__(
            f"the new vault in {home} is not in its place yet",
            why=f"The system says: {detail}. It is whole and replaces the old one.",
            hint="Mend what the system complains about, then open the vault: that finishes it.",
        )
        self.home = home
        self.detail = detail
