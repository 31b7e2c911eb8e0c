"""Why a key file is refused."""

from enum import Enum
from pathlib import Path
from typing import Final, assert_never

from mnemosyne.kit.errors import MnemosyneError


class BadPlace(Enum):
    """Places and permissions under which a key file protects nothing."""

    VAULT_HOME = "vault-home"
    BACKUP_DESTINATION = "backup-destination"
    GIT_WORK_TREE = "git-work-tree"
    OPEN_TO_OTHERS = "open-to-others"
    FOREIGN_LINK = "foreign-link"


class KeyFilePlaceError(MnemosyneError):
    """A key file lies where, or as, it may not."""

    code = "key-file-place"

    def __init__(self, path: Path, place: BadPlace, offender: Path) -> None:
        message, why, hint = _words(place, path, offender)
        super().__init__(message, why=why, hint=hint)
        self.path = path
        self.place = place
        self.offender = offender


_NO_PERMISSIONS: Final = (
    "A medium that knows no permissions must be mounted so that only you can read it."
)


def _words(place: BadPlace, path: Path, offender: Path) -> tuple[str, str, str]:
    elsewhere = "Put it on another medium, such as a memory stick."
    match place:
        case BadPlace.VAULT_HOME:
            return (
                f"the key file {path} may not lie in the vault's home",
                f"Whoever copies {offender} would have the key beside what it opens.",
                elsewhere,
            )
        case BadPlace.BACKUP_DESTINATION:
            return (
                f"the key file {path} may not lie in a backup destination",
                f"Whoever has the backups in {offender} would have their key with them.",
                elsewhere,
            )
        case BadPlace.GIT_WORK_TREE:
            return (
                f"the key file {path} may not lie in a git work tree",
                f"One commit in {offender} could publish it, and git forgets nothing.",
                elsewhere,
            )
        case BadPlace.OPEN_TO_OTHERS:
            return (
                f"other accounts can read or change the key file {path}",
                f"The permissions or the owner of {offender} allow it.",
                f"Make it yours alone: `chmod 600 {path}`. {_NO_PERMISSIONS}",
            )
        case BadPlace.FOREIGN_LINK:
            return (
                f"the path of the key file {path} leads through somebody else's link",
                f"{offender} is a link that another account owns and can point elsewhere.",
                "Name the file itself, or make the link your own.",
            )
        case _:
            assert_never(place)


class KeyFileExistsError(MnemosyneError):
    """A key file was to be made where a file is already."""

    code = "key-file-exists"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"there is a file at {path} already",
            why="A key file never takes the place of another file, which may be a key in use.",
            hint="Choose another name.",
        )
        self.path = path


class KeyFileNotWrittenError(MnemosyneError):
    """The system did not let a key file be written."""

    code = "key-file-not-written"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"the key file {path} could not be written",
            why=f"The system says: {detail}.",
            hint="Check that the folder exists, can be written to and has room.",
        )
        self.path = path
        self.detail = detail


class KeyFileUnreadableError(MnemosyneError):
    """There is no key file, or it cannot be opened."""

    code = "key-file-unreadable"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"the key file {path} cannot be read",
            why=f"The system says: {detail}.",
            hint="Attach the medium it lies on, or open the vault with another secret.",
        )
        self.path = path
        self.detail = detail


class KeyFileDamagedError(MnemosyneError):
    """A file is no key file, or not all of one."""

    code = "key-file-damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a whole key file of Mnemosyne",
            why="Its form or its checksum is wrong: it is another file, or it was changed.",
            hint="Check the name, take another copy, or open the vault with another secret.",
        )
        self.path = path
