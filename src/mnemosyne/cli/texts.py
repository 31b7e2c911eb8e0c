"""Where a text comes from: the words of a command, a pipe, or the person's editor."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mnemosyne.cli.errors import EditorError, InputFileError, NothingGivenError
from mnemosyne.kit.text import CONTENT_BYTES
from mnemosyne.memories.importing.decoding import decode

_PIPE: Final = "-"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder in memory: what is written leaves no disk
_MOST: Final = 4 * CONTENT_BYTES  # a text in UTF-16 is shorter in UTF-8
# The shell knows which editor is wanted, as it does for git.
_EDITOR: Final = '${VISUAL:-${EDITOR:-vi}} "$1"'


def given(words: Sequence[str]) -> str | None:
    """Return the text that ``words`` are, or what a pipe brings for “-”; None for no words.

    Raises:
        InputFileError: what the pipe brings is no text.
    """
    if not words:
        return None
    if list(words) == [_PIPE]:
        return _piped()
    return " ".join(words)


def given_or_written(words: Sequence[str], before: str = "") -> str:
    """Return the text of a command; without words a person writes it in their editor.

    Raises:
        InputFileError: what a pipe brings is no text.
        EditorError: the editor did not end well.
        NothingGivenError: there are no words and no terminal.
    """
    if (text := given(words)) is not None:
        return text
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NothingGivenError(
            "there is no text",
            "Write it after the command, or give “-” to read it from a pipe.",
        )
    return _written(before)


def _piped() -> str:
    content = sys.stdin.buffer.read(_MOST)
    if (decoded := decode(content)) is None:
        raise InputFileError(Path(_PIPE), "What comes in is not UTF-8 text")
    return decoded.text


def _written(before: str) -> str:
    """Let a person write, in a private folder that is removed with all an editor leaves in it."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="mnemosyne-", dir=place) as folder:
        file = Path(folder) / "memory.md"
        file.write_text(before, "utf-8")
        command = ["/bin/sh", "-c", _EDITOR, "sh", str(file)]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - the person's own editor
            raise EditorError
        try:
            return file.read_text("utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise EditorError from error
