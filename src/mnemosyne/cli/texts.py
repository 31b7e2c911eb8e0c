"""Where a text comes from: the words of a command, a pipe, or the person's editor."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from mnemosyne.cli.errors import EditorError, InputFileError, NothingGivenError
from mnemosyne.kit.errors import MnemosyneError
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


def given_or_awaited(words: Sequence[str]) -> str | None:
    """Return the text of a command, or None where a person is there to write it.

    Raises:
        InputFileError: what a pipe brings is no text.
        NothingGivenError: there are no words and no terminal.
    """
    text = given(words)
    if text is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise NothingGivenError(
            "there is no text",
            "Write it after the command, or give “-” to read it from a pipe.",
        )
    return text


def require_file(path: Path) -> None:
    """Look for a file before anything is asked about it.

    Raises:
        InputFileError: there is none.
    """
    if not path.is_file():
        why = "It is no file" if path.exists() else "There is no such file"
        raise InputFileError(path, why)


def _piped() -> str:
    if sys.stdin.isatty():
        sys.stderr.write("Write the text; control-D on a line of its own ends it.\n")
    content = sys.stdin.buffer.read(_MOST)
    if (decoded := decode(content)) is None:
        raise InputFileError(
            Path(_PIPE), "What comes in is not UTF-8 text", "Pipe text, or use `mnemosyne import`."
        )
    return decoded.text


@contextmanager
def given_or_written(text: str | None, before: str = "") -> Iterator[str]:
    """Yield ``text``, or what a person writes in place of ``before``; save it inside the block.

    Raises:
        EditorError: the editor did not end well.
    """
    if text is not None:
        yield text
        return
    with written(before) as text_of_the_person:
        yield text_of_the_person


@contextmanager
def written(before: str = "") -> Iterator[str]:
    """Let a person write, in a private folder that is removed with all an editor leaves in it.

    Save the text inside the block: when that is refused, the folder stays, and the error says
    where. Open the vault first: who mistypes the passphrase afterwards would have written in vain.

    Raises:
        EditorError: the editor did not end well.
    """
    place = _MEMORY if _MEMORY.is_dir() else None
    with _ended_in_order(), ExitStack() as leaving:
        folder = Path(tempfile.mkdtemp(prefix="mnemosyne-", dir=place))  # private to its owner
        leaving.callback(shutil.rmtree, folder)
        file = folder / "memory.md"
        file.touch(mode=0o600)
        file.write_text(before, "utf-8")
        try:
            yield _edited(file)
        except MnemosyneError as error:
            if _is_new(file, before):
                leaving.pop_all()
                error.hint = f"{error.hint} {_kept_in(file)}".lstrip()
            raise


def _edited(file: Path) -> str:
    command = ["/bin/sh", "-c", _EDITOR, "sh", str(file)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - the person's own editor
        raise EditorError
    try:
        return file.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorError from error


def _is_new(file: Path, before: str) -> bool:
    """Return whether a file holds something that would be lost with it."""
    try:
        content = file.read_bytes().strip()
    except OSError:
        return False
    return bool(content) and content != before.encode().strip()


def _kept_in(file: Path) -> str:
    until = " until this machine restarts or you log out" if _MEMORY in file.parents else ""
    return f"Your text is kept{until}, not encrypted; save it, then delete its folder: {file}"


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a closed window or a shutdown unwind the program, so that no text is left behind."""

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)  # as a shell counts it

    ending = [n for n in (signal.SIGHUP, signal.SIGTERM) if signal.getsignal(n) is signal.SIG_DFL]
    for number in ending:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)
