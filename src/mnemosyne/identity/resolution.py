"""DID resolution: from a DID, and the version that is asked for, to its document.

Pure but for ``find``, which gives the history of a DID that is known here. Whoever asks for a DID
that this node knows and does not host is given the answer of a DID that nobody knows.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mnemosyne.identity import did_key
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.errors import InvalidDidError, InvalidDidUrlError, LogError
from mnemosyne.identity.log import History, document_of
from mnemosyne.identity.resolution_options import (
    NO_OPTIONS,
    VERSION_OPTIONS,
    ResolutionOptions,
    check_value,
    read_options,
)
from mnemosyne.identity.resolving_errors import ErrorType, Problem, ProblemError
from mnemosyne.identity.service_urls import service_url
from mnemosyne.identity.syntax import LONGEST_URL, DidUrl, parse_did_url, require_did
from mnemosyne.kit.clock import Clock

Find = Callable[[str], Awaitable[History | None]]
"""Give the history of a did:mnem, or None where it is not known."""

# DID Core 1.0 §3.1, any method; what a method makes of its part is for the method to say.
_DID: Final = re.compile(
    r"did:(?P<method>[a-z0-9]+):(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*"
    r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+"
)
_LONGEST_DID: Final = 2048
_PARAMETERS: Final = VERSION_OPTIONS | {"service", "relativeRef", "hint"}
_RELATIONSHIPS: Final = (
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document with what is known about it; no document where the DID was deactivated."""

    did: str
    document: Mapping[str, Any] | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ttl: int = 0
    """For how many seconds the controller lets the answer be kept."""


@dataclass(frozen=True, slots=True)
class Dereferenced:
    """A part of a document: a verification method or a service."""

    content: Mapping[str, Any]
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where the service that was named is reached."""

    url: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nothing was resolved, and why."""

    problem: Problem


ResolutionResult = Resolved | Unresolved
DereferencingResult = Resolved | Dereferenced | ServiceAddress | Unresolved


class Resolver:
    """Resolve did:mnem from the histories that ``find`` gives, and did:key from itself."""

    def __init__(self, find: Find, clock: Clock) -> None:
        self._find = find
        self._clock = clock

    async def resolve(self, did: str, options: Iterable[tuple[str, str]] = ()) -> ResolutionResult:
        """Return the document of ``did``; ``options`` are names and values as they were sent."""
        try:
            return await self._resolved(did, read_options(options))
        except ProblemError as error:
            return Unresolved(error.problem)

    async def dereference(
        self, did_url: str, options: Iterable[tuple[str, str]] = ()
    ) -> DereferencingResult:
        """Return what ``did_url`` stands for: a document, a part of it, or a service's address."""
        try:
            url = _parsed(did_url)
            parameters = _parameters(url)
            versions = [pair for pair in url.query if pair[0] in VERSION_OPTIONS]
            found = await self._resolved(url.did, read_options([*versions, *options]))
            return _selected(found, url, parameters)
        except ProblemError as error:
            return Unresolved(error.problem)

    async def _resolved(self, did: str, options: ResolutionOptions) -> Resolved:
        method = method_of(did)
        if method == "key":
            if options.of_a_version:
                message = "A did:key has no versions."
                raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)
            return Resolved(did, did_key.document_of(did))
        if method != "mnem":
            message = f"did:{method} is not resolved here; did:mnem and did:key are."
            raise ProblemError(ErrorType.METHOD_NOT_SUPPORTED, message)
        try:
            history = await self._find(require_did(did))
        except InvalidDidError as error:
            raise ProblemError(ErrorType.INVALID_DID, error.why) from error
        except LogError as error:
            raise ProblemError(ErrorType.INVALID_DID_DOCUMENT, _told(error)) from error
        if history is None:
            raise ProblemError(ErrorType.NOT_FOUND, "The DID is not known here.")
        return resolved(history, options)


def method_of(did: str) -> str:
    """Return the method of a DID of any method.

    Raises:
        ProblemError: INVALID_DID.
    """
    match = _DID.fullmatch(did) if len(did) <= _LONGEST_DID else None
    if match is None:
        message = "A DID is written did:method:identifier, without spaces or other signs."
        raise ProblemError(ErrorType.INVALID_DID, message)
    return match["method"]


def resolved(history: History, options: ResolutionOptions = NO_OPTIONS) -> Resolved:
    """Return the version of a history that ``options`` name, the present one if none.

    Raises:
        ProblemError: NOT_FOUND, since there is no such version or was none at that time.
    """
    entry = _version(history, options)
    metadata = _metadata(history, entry)
    if entry.deactivates:
        metadata["deactivated"] = True
    # There is nothing to expand: a did:mnem document has no relative reference in it.
    return Resolved(history.did, document_of(entry), metadata, history.in_force.ttl or 0)


def _version(history: History, options: ResolutionOptions) -> Entry:
    if options.version_id is not None:
        entry = history.version(options.version_id)
        message = "The DID has no such version."
    elif options.version_time is not None:
        entry = history.at(options.version_time)
        message = "The DID did not exist at that time."
    else:
        return history.head
    if entry is None:
        raise ProblemError(ErrorType.NOT_FOUND, message)
    return entry


def _metadata(history: History, entry: Entry) -> dict[str, Any]:
    """Return what DID Core 1.0 §7.1.3 lists, and what a did:mnem has to say besides."""
    place = history.path.index(entry)
    following = history.path[place + 1 : place + 2]
    return {
        "created": _moment(history.path[0]),
        **({"updated": _moment(entry)} if place else {}),
        "versionId": entry.version_id,
        **{
            name: value
            for each in following
            for name, value in (
                ("nextUpdate", _moment(each)),
                ("nextVersionId", each.version_id),
            )
        },
        "equivocation": history.equivocation,
        "witnessed": history.witnessed,
        # DID Core 1.0 §7.3 has no numbers among the values of metadata.
        "epoch": str(history.epoch),
    }


def _moment(entry: Entry) -> str:
    return entry.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _parsed(text: str) -> DidUrl:
    try:
        return parse_did_url(text)
    except InvalidDidUrlError as error:
        raise ProblemError(ErrorType.INVALID_DID_URL, error.why) from error
    except InvalidDidError as error:
        raise ProblemError(ErrorType.INVALID_DID, error.why) from error


def _parameters(url: DidUrl) -> dict[str, str]:
    """Return the parameters of a DID URL that select something of a document."""
    given: dict[str, str] = {}
    for name, value in url.query:
        check_value(name, value, longest=LONGEST_URL)
        if name in given:
            raise ProblemError(ErrorType.INVALID_DID_URL, f"{name} is given twice.")
        if name not in _PARAMETERS:
            message = "The DID URL has a parameter that is not known here."
            raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)
        given[name] = value
    if "relativeRef" in given and "service" not in given:
        message = "relativeRef is relative to a service, and no service is named."
        raise ProblemError(ErrorType.INVALID_DID_URL, message)
    if url.path and "service" in given:
        message = "A DID URL with a service has no path; relativeRef names a place below it."
        raise ProblemError(ErrorType.INVALID_DID_URL, message)
    return given


def _selected(found: Resolved, url: DidUrl, parameters: Mapping[str, str]) -> DereferencingResult:
    if found.document is None:
        return found
    if url.path:
        message = "Nothing stands below a DID of this method."
        raise ProblemError(ErrorType.NOT_FOUND, message)
    if "service" in parameters:
        service = _part(found, parameters["service"], ("service",))
        endpoint = service.get("serviceEndpoint")
        reference = parameters.get("relativeRef")
        return ServiceAddress(service_url(endpoint, reference, url.fragment or None))
    if url.fragment:
        kinds = ("verificationMethod", "service", *_RELATIONSHIPS)
        return Dereferenced(_part(found, url.fragment, kinds), found.ttl)
    return found


def _part(found: Resolved, fragment: str, kinds: Iterable[str]) -> Mapping[str, Any]:
    document = found.document or {}
    wanted = {f"#{fragment}", f"{found.did}#{fragment}"}
    for kind in kinds:
        for each in document.get(kind, ()):
            if isinstance(each, Mapping) and each.get("id") in wanted:
                return each
    raise ProblemError(ErrorType.NOT_FOUND, "The document has no such part.")


def _told(error: LogError) -> str:
    return f"{error.log_code}: {error.detail}"
