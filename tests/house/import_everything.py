"""Import the modules named on standard input and say what doing so did; run by a test.

Prints one line for each file opened by code of the package, each file opened for writing and each
socket, thread or process, whoever caused it.
"""

import importlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_NEVER = (
    "socket.",
    "subprocess.",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.exec",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "sqlite3.connect",
    "urllib.Request",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

found: list[str] = []


def _opened_by_the_package() -> bool:
    """Tell a file that a module's own code opened from one that the import system did."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if "importlib" in frame.f_code.co_filename:
            return False
        if str(frame.f_globals.get("__name__", "")).startswith("mnemosyne"):
            return True
        frame = frame.f_back
    return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_NEVER):
        found.append(f"{event} {arguments}")
    elif event == "open":
        path, _, flags = arguments
        writing = isinstance(flags, int) and flags & _WRITING
        if writing or _opened_by_the_package():
            found.append(f"open {path}")


def _start(self: Any) -> None:  # noqa: ANN401 - takes the place of a method
    found.append(f"thread {self.name}")


def main() -> None:
    """Import everything, then report."""
    names = sys.stdin.read().split()
    sys.addaudithook(_watch)
    threading.Thread.start = _start  # type: ignore[method-assign] # no audit event tells
    for name in names:
        before = len(found)
        importlib.import_module(name)
        found[before:] = [f"{name}: {what}" for what in found[before:]]
    sys.stdout.write("\n".join(found))


if __name__ == "__main__":
    main()
