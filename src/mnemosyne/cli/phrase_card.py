"""The recovery phrase on its way to the person: a card on the screen, or a private file."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from mnemosyne.cli import unlock
from mnemosyne.cli.errors import NotConfirmedError, OutputFileError
from mnemosyne.cli.output import Page

if TYPE_CHECKING:  # most commands need no phrase
    from mnemosyne.kit.vault.phrase import Phrase

_COLUMNS: Final = 4
_CELL: Final = 14
_TRIES: Final = 5


def show_card(page: Page, phrase: "Phrase") -> None:
    """Print the 24 words in a box, numbered, and what they are."""
    width = _COLUMNS * _CELL + 2
    page.line(Text("Your recovery phrase", "title"))
    page.line("Write it on paper, now: it is shown this once, and stored nowhere.")
    page.line(f"┌{'─' * width}┐")
    for first in range(0, len(phrase.words), _COLUMNS):
        cells = (
            f"{first + offset + 1:>2} {word}"
            for offset, word in enumerate(phrase.words[first : first + _COLUMNS])
        )
        page.line("│ " + "".join(f"{cell:<{_CELL}}" for cell in cells) + " │")
    page.line(f"└{'─' * width}┘")
    page.line("It opens this vault and its backups from now on, and recovers your DID. Whoever")
    page.line("reads it has all that; without it and your passphrase or key file")
    page.line("nobody can help you. Typed on a machine that is not yours any more, it is lost")
    page.line("with all it opens.")
    page.space()


def confirm_phrase(page: Page, phrase: "Phrase", otherwise: str = "no vault was made") -> None:
    """Ask for three of its words, so that it is known to be on paper.

    Raises:
        NoTerminalError: nobody can be asked.
        NotConfirmedError: a word was not right, several times over.
    """
    from mnemosyne.kit.vault.phrase import confirmation_positions, confirms  # noqa: PLC0415

    for position in confirmation_positions():
        for _ in range(_TRIES):
            answer = unlock.ask(
                f"Word {position} of it", "Use --phrase-out FILE.", what="a word of the phrase"
            )
            if confirms(phrase, {position: answer}):
                break
            page.remark("That is another word. Look at the paper again.")
        else:
            raise NotConfirmedError(otherwise)


def write_phrase(file: Path, phrase: "Phrase", vault_home: Path) -> None:
    """Write the phrase to a new file that only its owner can read.

    Raises:
        OutputFileError: there is such a file, it cannot be written, or it lies in the vault.
    """
    from mnemosyne.kit.vault.durable_file import create_durably  # noqa: PLC0415

    if file.absolute().parent.resolve().is_relative_to(vault_home.resolve()):
        raise OutputFileError(file, "It would lie beside the vault that it opens")
    try:
        create_durably(file, (" ".join(phrase.words) + "\n").encode("ascii"))
    except FileExistsError as error:
        raise OutputFileError.taken(file) from error
    except OSError as error:
        raise OutputFileError(file, error.strerror or str(error)) from error
