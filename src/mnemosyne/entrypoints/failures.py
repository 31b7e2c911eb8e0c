"""What a running node says of its own failures: where, of which kind, and never what was written.

The message of an exception, and the values beside a statement, may quote a memory. So a failure is
told by its type and the lines of the program that it came through.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final

_FRAMES: Final = 12
_OURS: Final = ("mnemosyne", "uvicorn")


class ContentFree(logging.Formatter):
    """Write a record as one line, and an exception as its type and where it came through."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        # What a library says may hold what it was given; its template alone does not.
        ours = record.name.partition(".")[0] in _OURS
        said = record.getMessage() if ours else "a library reported something"
        lines = [f"{when} {record.levelname.lower()} {record.name}: {said.strip()}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _lines(record.exc_info[1])
        return "\n".join(lines)


@contextmanager
def told_without_content() -> Iterator[None]:
    """Let failures of this process be told on its error stream, free of content."""
    loop = asyncio.get_running_loop()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ContentFree())
    handler.setLevel(logging.ERROR)
    root = logging.getLogger()
    root.addHandler(handler)
    before = loop.get_exception_handler()
    loop.set_exception_handler(_of_the_loop)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
        root.removeHandler(handler)


def _of_the_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    del loop
    error = context.get("exception")
    log = logging.getLogger(__name__)
    log.error("something failed beside a request", exc_info=error or None)


def _lines(error: BaseException) -> list[str]:
    found = [f"  {type(error).__module__}.{type(error).__qualname__}"]
    found += _frames(error.__traceback__)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            found += _lines(each)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found + (_lines(cause) if cause is not None else [])


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = extract_tb(traceback)[-_FRAMES:]
    return [f"    {_short(each.filename)}:{each.lineno} in {each.name}" for each in frames]


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])
