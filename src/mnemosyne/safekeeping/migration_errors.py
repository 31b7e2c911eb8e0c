"""Why nobody can say yet whether the vault was moved to the tables of this version."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class MigrationUnknownError(MnemosyneError):
    """The disk failed while the tables were moved on, so whether they were is not known."""

    code = "migration-unknown"

    def __init__(self, backup: Path) -> None:
        super().__init__(
            "the disk reported an error; the tables may or may not be those of this version",
            why="They are moved on as a whole or not at all, and the system did not say which. "
            f"The backup that was made before is {backup}.",
            hint="Check the disk and its free space, then run `mnemosyne migrate` again: it moves "
            "them on, or says that they are.",
        )
        self.backup = backup
