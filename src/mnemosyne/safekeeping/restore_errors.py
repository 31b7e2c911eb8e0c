"""Why a restore was not carried out, and what became of the vault that was there."""

from datetime import datetime
from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.safekeeping.losses import Loss


class OlderBackupError(MnemosyneError):
    """The vault that would be replaced has made backups after this one, or holds more than it."""

    code = "older-backup"

    def __init__(
        self, taken_at: datetime, counter: int, newest: datetime, live: int, lost: Loss
    ) -> None:
        later = "" if counter >= live else f", and has come to number {live}"
        gone = f"what it holds and the backup does not would be gone: {lost}"
        if not lost:
            gone = "no memory, no person and no DID entry would be gone"
        if lost.did_entries:
            gone += ", with the keys that your DID has now"
        super().__init__(
            f"this backup is older than the vault: it was taken on {taken_at:%Y-%m-%d %H:%M} UTC",
            why=f"It is number {counter}; the vault was last changed on "
            f"{newest:%Y-%m-%d %H:%M} UTC{later}; {gone}.",
            hint="Make a backup of the vault as it is and restore the newest one, or say "
            "--allow-older. The vault was not touched.",
        )
        self.taken_at = taken_at
        self.counter = counter
        self.newest = newest
        self.live_counter = live
        self.lost = lost


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
