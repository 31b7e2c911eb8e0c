"""What the shell itself refuses, in words a person can act on."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class NoTerminalError(MnemosyneError):
    """A question has to be asked, and there is nobody to ask."""

    code = "no-terminal"

    def __init__(self, question: str, instead: str) -> None:
        super().__init__(
            f"there is no terminal to ask for {question}",
            why="The command runs from a script or a pipe.",
            hint=instead,
        )
        self.question = question


class DateUnclearError(MnemosyneError):
    """A date cannot be read, or could be two."""

    code = "date-unclear"

    def __init__(self, text: str, *, ambiguous: bool) -> None:
        super().__init__(
            f"“{text[:40]}” could be two dates"
            if ambiguous
            else f"“{text[:40]}” is no date that can be read",
            why="Day and month could change places, and a memory is not dated by a guess."
            if ambiguous
            else "Dates are read strictly, so that none is stored wrongly.",
            hint="Write it as 2025-04-03, 3 April 2025, 2025-04, 2025, 2025-04-03 14:05, today or "
            "yesterday.",
        )
        self.text = text


class SpanUnclearError(MnemosyneError):
    """A span of time cannot be read, or is too long."""

    code = "span-unclear"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text[:40]}” is no time for which the vault can be unlocked",
            why="It is a number of minutes, hours or days, and at most seven days.",
            hint="Write it as 30m, 8h or 1d.",
        )
        self.text = text


class NothingGivenError(MnemosyneError):
    """A command was asked to change something and not told what."""

    code = "nothing-given"

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint=hint)


class NotConfirmedError(MnemosyneError):
    """The person did not confirm; nothing was done."""

    code = "not-confirmed"

    def __init__(
        self,
        what: str = "nothing was changed",
        hint: str = "Run the command again and confirm, or use --yes.",
    ) -> None:
        super().__init__(what, why="It was not confirmed.", hint=hint)


class PassphrasesDifferError(MnemosyneError):
    """A new passphrase was typed in two ways."""

    code = "passphrases-differ"

    def __init__(self) -> None:
        super().__init__(
            "the two passphrases are not the same",
            why="A passphrase with a slip in it would lock you out.",
            hint="Type it slowly, or have one made up with --generate.",
        )


class OutputFileError(MnemosyneError):
    """A file that should be written could not be."""

    code = "output-file"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} was not written",
            why=f"{why}.",
            hint="Name a new file in a folder that can be written to.",
        )
        self.path = path

    @classmethod
    def taken(cls, path: Path) -> "OutputFileError":
        """Return why a new file cannot have a name that is in use."""
        what = "folder" if path.is_dir() else "file"
        return cls(path, f"There is a {what} of that name already")


class OutputStreamError(MnemosyneError):
    """What a command prints could not be written to where its output goes."""

    code = "output-stream"

    def __init__(self, why: str) -> None:
        super().__init__(
            "the output could not be written",
            why=f"The system says: {why}. It is cut off; a change may have been made all the same.",
            hint="Make room where it goes, or send it elsewhere; look before you repeat a change.",
        )


class InputFileError(MnemosyneError):
    """A file that should be read could not be."""

    code = "input-file"

    def __init__(
        self, path: Path, why: str, hint: str = "Check the name and the permissions."
    ) -> None:
        super().__init__(f"{path} cannot be read", why=f"{why}.", hint=hint)
        self.path = path


class EditorError(MnemosyneError):
    """The editor could not be started, or ended with an error."""

    code = "editor"

    def __init__(self) -> None:
        super().__init__(
            "the editor ended without a text",
            why="It could not be started, or it reported an error.",
            hint="Set EDITOR to one that works, or give the text after the command.",
        )


class PhraseFileError(MnemosyneError):
    """The file that should hold the recovery phrase cannot be used."""

    code = "phrase-file"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the phrase cannot be taken from {path}",
            why=why,
            hint="Give the file that `init --phrase-out` wrote, private to you (chmod 600).",
        )
        self.path = path
