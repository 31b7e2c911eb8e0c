"""What comes in from a file or a pipe, bounded before it is looked at."""

import sys
from pathlib import Path
from typing import Final

from mnemosyne.cli.errors import InputFileError

PIPE: Final = "-"


def content_of(file: Path, largest: int) -> bytes:
    """Return the bytes of a file, or of a pipe for “-”.

    Raises:
        InputFileError: it cannot be read, or has more than ``largest`` bytes.
    """
    try:
        if str(file) == PIPE:
            content = sys.stdin.buffer.read(largest + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(largest + 1)
    except OSError as error:
        raise InputFileError(file, error.strerror or str(error)) from error
    if len(content) > largest:
        raise InputFileError(file, f"It has more than {largest:,} bytes", "Is it the right file?")
    return content
