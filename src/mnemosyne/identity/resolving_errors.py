"""Why a DID or DID URL was not resolved: the error types of DID Resolution 1.0 §11."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mnemosyne.kit.errors import MnemosyneError

_TYPES: Final = "https://www.w3.org/ns/did#"


class ErrorType(StrEnum):
    """The errors of resolution and dereferencing; the value ends the URL that names the type."""

    INVALID_DID = "INVALID_DID"
    INVALID_DID_DOCUMENT = "INVALID_DID_DOCUMENT"
    INVALID_DID_URL = "INVALID_DID_URL"
    INVALID_OPTIONS = "INVALID_OPTIONS"
    NOT_FOUND = "NOT_FOUND"
    REPRESENTATION_NOT_SUPPORTED = "REPRESENTATION_NOT_SUPPORTED"
    METHOD_NOT_SUPPORTED = "METHOD_NOT_SUPPORTED"
    FEATURE_NOT_SUPPORTED = "FEATURE_NOT_SUPPORTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


_TITLES: Final = {
    ErrorType.INVALID_DID: "This is not a DID.",
    ErrorType.INVALID_DID_DOCUMENT: "The log of the DID does not hold.",
    ErrorType.INVALID_DID_URL: "This is not a DID URL.",
    ErrorType.INVALID_OPTIONS: "The options cannot be used.",
    ErrorType.NOT_FOUND: "Nothing is known here by that name.",
    ErrorType.REPRESENTATION_NOT_SUPPORTED: "It cannot be had in that form.",
    ErrorType.METHOD_NOT_SUPPORTED: "DIDs of that method are not resolved here.",
    ErrorType.FEATURE_NOT_SUPPORTED: "The resolver does not do that.",
    ErrorType.INTERNAL_ERROR: "The resolver failed.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error, as it stands in the metadata of a result."""

    type: ErrorType
    detail: str

    def document(self) -> dict[str, str]:
        """Return the problem as RFC 9457 writes it: type, title and detail."""
        return {
            "type": _TYPES + self.type,
            "title": _TITLES[self.type],
            "detail": self.detail,
        }


class ProblemError(Exception):
    """Carry a problem out of the rules to the resolver, which returns it as a value."""

    def __init__(self, kind: ErrorType, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem(kind, detail)


_WRITE_DID: Final = (
    "Copy it again, whole: did:mnem:bciq… has 65 characters, a did:key begins did:key:z6Mk…; a DID "
    "URL stands in quotes."
)
_WRITE_OPTIONS: Final = (
    "Name one version: --version-id takes a number, a versionId or its end, --version-time a date."
)


class NotResolvedError(MnemosyneError):
    """A DID, a version or a part of a document is not known here, or its log does not hold."""

    code = "did-not-resolved"

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            "the DID was not resolved",
            why=problem.detail,
            hint="Check the DID, the version and the part that you name. A card of its owner has "
            "what is newest: `mnemosyne people add-card FILE`.",
        )
        self.problem = problem


class UnreadableDidError(MnemosyneError):
    """What should be resolved is no DID or DID URL, or it was asked for in an unclear way."""

    code = "did-unreadable"

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            "this cannot be resolved as it is written",
            why=problem.detail,
            hint=_WRITE_OPTIONS if problem.type is ErrorType.INVALID_OPTIONS else _WRITE_DID,
        )
        self.problem = problem


class UnsupportedDidError(MnemosyneError):
    """A DID of another method, or something that the resolver does not do."""

    code = "did-unsupported"

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            "this is not resolved here",
            why=problem.detail,
            hint="A resolver of that method can; docs/resolver.md tells what this one does.",
        )
        self.problem = problem


_Told = NotResolvedError | UnreadableDidError | UnsupportedDidError
_ERRORS: Final[Mapping[ErrorType, type[_Told]]] = {
    ErrorType.INVALID_DID: UnreadableDidError,
    ErrorType.INVALID_DID_URL: UnreadableDidError,
    ErrorType.INVALID_OPTIONS: UnreadableDidError,
    ErrorType.METHOD_NOT_SUPPORTED: UnsupportedDidError,
    ErrorType.FEATURE_NOT_SUPPORTED: UnsupportedDidError,
}


def not_resolved(problem: Problem) -> MnemosyneError:
    """Return the error that tells a person of ``problem``."""
    return _ERRORS.get(problem.type, NotResolvedError)(problem)
