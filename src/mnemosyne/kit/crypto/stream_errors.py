"""What can be wrong with a sealed file, as far as it can be known."""

from enum import Enum
from typing import Final, assert_never

from mnemosyne.kit.errors import MnemosyneError


class Damage(Enum):
    """The kinds of damage that can be told apart."""

    FOREIGN = "foreign"
    VERSION = "version"
    HEADER = "header"
    TRUNCATED = "truncated"
    APPENDED = "appended"
    CHUNK = "chunk"
    KEY_OR_CHUNK = "key-or-chunk"


_ANOTHER_COPY: Final = "Take another copy of the file; nothing was written from this one."


class SealedFileDamagedError(MnemosyneError):
    """A sealed file is not what was written, or the key is not its key."""

    code = "sealed-file-damaged"

    def __init__(self, damage: Damage, *, chunk: int | None = None) -> None:
        message, why, hint = _words(damage, chunk)
        super().__init__(message, why=why, hint=hint)
        self.damage = damage
        self.chunk = chunk


def _words(  # noqa: PLR0911 - one for each kind of damage
    damage: Damage, chunk: int | None
) -> tuple[str, str, str]:
    match damage:
        case Damage.FOREIGN:
            return (
                "this is not a sealed file of Mnemosyne",
                "It does not start as one does.",
                "Check that this is the right file.",
            )
        case Damage.VERSION:
            return (
                "the sealed file has a version that this program does not know",
                "A newer program wrote it, or its ninth byte is damaged.",
                "Update Mnemosyne, or take another copy of the file.",
            )
        case Damage.HEADER:
            return (
                "the header of the sealed file is damaged",
                "It claims to be longer than a header may be.",
                _ANOTHER_COPY,
            )
        case Damage.TRUNCATED:
            return (
                "the sealed file is truncated",
                "It ends before its last part: a copy or download was probably interrupted.",
                _ANOTHER_COPY,
            )
        case Damage.APPENDED:
            return (
                "something was appended to the sealed file",
                f"The last part is genuine and should end the file (part {_number(chunk)}).",
                _ANOTHER_COPY,
            )
        case Damage.CHUNK:
            return (
                "the sealed file is damaged",
                f"The key fits, but part {_number(chunk)} was changed, exchanged or cut short.",
                _ANOTHER_COPY,
            )
        case Damage.KEY_OR_CHUNK:
            return (
                "wrong key, or the sealed file is damaged",
                "Its first part does not open, and the two cannot be told apart.",
                "Try the secret that was valid when the file was made, or another copy of it.",
            )
        case _:
            assert_never(damage)


def _number(chunk: int | None) -> int:
    return 0 if chunk is None else chunk + 1
