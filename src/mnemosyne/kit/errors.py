"""The root of every error a person can meet."""

from typing import ClassVar


class MnemosyneError(Exception):
    """What happened (the message), why, and what to do about it.

    Subclasses set ``code``, the stable name that transports map to statuses and exit codes, and
    carry facts as attributes; they never know a status code.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.why = why
        self.hint = hint
