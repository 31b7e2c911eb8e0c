"""Why a source is refused as a whole, before anything of it is stored."""

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.text import excerpt, visible


def _shown(name: str) -> str:
    return visible(excerpt(name, 80))


class SourceMissingError(MnemosyneError):
    """There is no such file or folder, or it is neither of the two."""

    code = "source-missing"

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(
            f"there is no file or folder “{_shown(name)}” to read",
            why=why,
            hint="Check the path; a folder, a file or a .zip export can be imported.",
        )
        self.name = name


class SourceUnreadableError(MnemosyneError):
    """A file is there and cannot be read."""

    code = "source-unreadable"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"“{_shown(name)}” cannot be read",
            why=f"{visible(reason)}." if reason else "",
            hint="Check its permissions and the disk, or copy it again.",
        )
        self.name = name
        self.reason = reason


class UnknownFormatError(MnemosyneError):
    """Nothing in this source looks like a format that can be imported."""

    code = "unknown-format"

    def __init__(self, name: str, formats: tuple[str, ...], why: str = "", hint: str = "") -> None:
        super().__init__(
            f"“{_shown(name)}” is in no format that can be imported",
            why=why,
            hint=hint or f"Say which it is with --format, one of: {', '.join(formats)}.",
        )
        self.name = name
        self.formats = formats


class SourceTooLargeError(MnemosyneError):
    """The source is larger than the settings allow."""

    code = "source-too-large"

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"“{_shown(name)}” holds more than {limit:,} bytes",
            why="An import has a limit so that a broken file cannot fill the disk.",
            hint="Split the source, or raise the import limit in the settings.",
        )
        self.name = name
        self.limit = limit


class UnsafeArchiveError(MnemosyneError):
    """An archive is built to do harm, or cannot be told from one that is."""

    code = "unsafe-archive"

    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(
            f"the archive is refused: “{_shown(entry)}” {reason}"
            if entry
            else f"the archive is refused: it {reason}",
            why="Nothing was imported; an archive is checked as a whole before the first memory.",
            hint="If you trust it, unpack it yourself and import the folder.",
        )
        self.entry = entry
        self.reason = reason


class DamagedArchiveError(MnemosyneError):
    """A .zip file cannot be read to its end."""

    code = "damaged-archive"

    def __init__(self, entry: str, detail: str) -> None:
        super().__init__(
            f"the archive is damaged at “{_shown(entry)}”"
            if entry
            else "the archive is damaged or not a .zip file",
            why=f"{visible(detail)}." if detail else "",
            hint="Download or copy it again; nothing was imported.",
        )
        self.entry = entry
        self.detail = detail
