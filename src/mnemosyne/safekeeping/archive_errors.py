"""What can be wrong with an archive, found before anything is written."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class ArchiveDamagedError(MnemosyneError):
    """A file is not the archive that its node wrote."""

    code = "archive-damaged"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path.name} is not a whole archive of Mnemosyne",
            why=f"{why.rstrip('.')}.",
            hint="Take another copy of the file; nothing was written from this one.",
        )
        self.path = path


class ArchiveSealedError(MnemosyneError):
    """An archive is sealed, and no passphrase was given."""

    code = "archive-sealed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} is sealed with a passphrase",
            why="Nothing in it can be read without one.",
            hint="Give the passphrase that was chosen when the archive was made.",
        )
        self.path = path


class ArchiveWorkError(MnemosyneError):
    """To open a sealed archive takes more work than this node does for what comes over HTTP."""

    code = "archive-work"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} takes more work to open than this node does over HTTP",
            why="It was sealed at a higher cost than Mnemosyne chooses by itself, and whoever can "
            "bring files could keep the node busy with that.",
            hint="Let whoever runs the node open it in the shell, with `mnemosyne archive inspect` "
            "or `mnemosyne archive import`.",
        )
        self.path = path


class ArchiveNotWrittenError(MnemosyneError):
    """The system refused to write; nothing that looks like an archive is left."""

    code = "archive-not-written"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"the archive was not written to {path}",
            why=f"The system says: {detail.rstrip('.')}. Nothing of it was left.",
            hint="Choose a new name in a folder that exists and has room.",
        )
        self.path = path
        self.detail = detail


class VaultNotEmptyError(MnemosyneError):
    """An archive goes into an empty vault only."""

    code = "vault-not-empty"

    def __init__(self, table: str, rows: int) -> None:
        super().__init__(
            "an archive can be taken over by an empty vault only",
            why=f"This one has {rows} rows of “{table}” already, and two lives are not mixed.",
            hint="Make a new vault with `mnemosyne init` in another folder and repeat it there.",
        )
        self.table = table
        self.rows = rows


class ArchiveContentError(MnemosyneError):
    """The rows of an archive do not fit the tables of this program; nothing was written."""

    code = "archive-content"

    def __init__(self, table: str, detail: str) -> None:
        super().__init__(
            f"the archive's rows of “{table}” cannot be taken over",
            why=f"{detail.rstrip('.')}.",
            hint="Use the version of Mnemosyne that wrote it, or a newer one.",
        )
        self.table = table
        self.detail = detail
