"""What becomes of a command whose output nobody takes: the disk is full, or the reader has gone."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mnemosyne.cli.errors import OutputStreamError

_REFUSED: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EPIPE}
)


@contextmanager
def complete_output() -> Iterator[None]:
    """See to it that what is printed inside is taken, also what was not handed over yet.

    Raises:
        OutputStreamError: the system refused it; what is left goes nowhere.
        BrokenPipeError: nobody reads it any more; what is left goes nowhere.
    """
    try:
        try:
            yield
        finally:
            if hasattr(sys.stdout, "flush"):  # it is None where it was closed from the beginning
                sys.stdout.flush()
    except OSError as error:
        # A file that was refused is named; a stream is not.
        if error.filename is not None or error.errno not in _REFUSED:
            raise
        _let_go()
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputStreamError(error.strerror or str(error)) from error


def _let_go() -> None:
    """Let what is flushed at the very end go somewhere, or it would be told in a traceback."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
