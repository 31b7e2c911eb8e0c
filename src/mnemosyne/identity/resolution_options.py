"""What a client may ask of a resolution: which version, and nothing that is not listed here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from mnemosyne.identity.resolving_errors import ErrorType, ProblemError

LONGEST_VALUE: Final = 256
# XML Schema 1.1 dateTime, normalised to UTC and without a fraction (DID Core 1.0 §3.2.1).
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_BOOLEANS: Final = {"true": True, "false": False}
VERSION_OPTIONS: Final = frozenset({"versionId", "versionTime"})
_KNOWN: Final = VERSION_OPTIONS | {"expandRelativeUrls"}


@dataclass(frozen=True, slots=True)
class ResolutionOptions:
    """Which version of the document is wanted: one of the two at most, or the present one."""

    version_id: str | None = None
    version_time: datetime | None = None
    expand_relative_urls: bool = False

    @property
    def of_a_version(self) -> bool:
        """Whether a version was named."""
        return self.version_id is not None or self.version_time is not None


NO_OPTIONS: Final = ResolutionOptions()


def read_options(pairs: Iterable[tuple[str, str]]) -> ResolutionOptions:
    """Return the options that ``pairs`` of names and values state.

    Raises:
        ProblemError: INVALID_OPTIONS or FEATURE_NOT_SUPPORTED.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        check_value(name, value)
        if name in given:
            raise ProblemError(ErrorType.INVALID_OPTIONS, f"{name} is given twice.")
        given[name] = value
    if unknown := sorted(given.keys() - _KNOWN):
        message = f"The option {_shown(unknown[0])} is not known here."
        raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)
    if given.keys() >= VERSION_OPTIONS:
        message = "versionId and versionTime name a version each; give one of them."
        raise ProblemError(ErrorType.INVALID_OPTIONS, message)
    return ResolutionOptions(
        given.get("versionId"),
        read_moment(given["versionTime"]) if "versionTime" in given else None,
        _boolean(given.get("expandRelativeUrls", "false")),
    )


def check_value(name: str, value: str, longest: int = LONGEST_VALUE) -> None:
    """Refuse an option or parameter that is empty, long, or not printable ASCII.

    Raises:
        ProblemError: INVALID_OPTIONS.
    """
    for text, limit in ((name, LONGEST_VALUE), (value, longest)):
        if not (text and text.isascii() and text.isprintable() and len(text) <= limit):
            message = f"{_shown(name)} is not 1 to {limit} printable ASCII characters long."
            raise ProblemError(ErrorType.INVALID_OPTIONS, message)


def is_moment(text: str) -> bool:
    """Return whether ``text`` has the form of a versionTime."""
    return _MOMENT.fullmatch(text) is not None


def read_moment(text: str) -> datetime:
    """Return the moment that a versionTime names.

    Raises:
        ProblemError: INVALID_OPTIONS.
    """
    if is_moment(text):
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError as error:
            message = "versionTime is no moment of the calendar."
            raise ProblemError(ErrorType.INVALID_OPTIONS, message) from error
    message = "versionTime is not written like 2026-11-24T09:10:00Z, in UTC and whole seconds."
    raise ProblemError(ErrorType.INVALID_OPTIONS, message)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        message = "expandRelativeUrls is neither true nor false."
        raise ProblemError(ErrorType.INVALID_OPTIONS, message)
    return _BOOLEANS[text]


def _shown(name: str) -> str:
    """Return what a stranger wrote as text that can stand in an answer."""
    return name.encode("ascii", "backslashreplace").decode("ascii")[:64]
