"""Identifiers: UUIDv7 as 32 lower-case hex digits, so that a full-text token can hold one."""

import re
import secrets
from datetime import UTC, datetime, timedelta

from mnemosyne.kit.errors import MnemosyneError

Identifier = str

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HEX = re.compile(r"[0-9a-f]{32}")


class MalformedIdentifierError(MnemosyneError):
    """A text that should be an identifier is not one."""

    code = "malformed-identifier"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text[:40]}” is not an identifier",
            why="An identifier has 32 hexadecimal digits, with or without dashes.",
            hint="Copy it from `mnemosyne list` or from a search result.",
        )
        self.text = text


def new_id(at: datetime) -> Identifier:
    """Return a fresh UUIDv7 (RFC 9562 §5.7) whose time part is ``at``, in milliseconds.

    Raises:
        TypeError: ``at`` is naive.
    """
    # In integers: a float of seconds times a thousand can fall just below its millisecond.
    milliseconds = (at - _EPOCH) // _MILLISECOND & ((1 << 48) - 1)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def made_by(identifier: Identifier, moment: datetime) -> bool:
    """Return whether the time part of an identifier is not after ``moment``."""
    return int(identifier[:12], 16) <= (moment - _EPOCH) // _MILLISECOND


def parse_id(text: str) -> Identifier:
    """Return ``text`` as 32 hex digits.

    Raises:
        MalformedIdentifierError: it is not a UUID in either spelling.
    """
    folded = text.strip().lower().replace("-", "")
    if not _HEX.fullmatch(folded):
        raise MalformedIdentifierError(text)
    return folded
