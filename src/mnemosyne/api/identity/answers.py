"""What the resolver found, as HTTP: a status, a media type, a body, and how long it may be kept."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, assert_never

from starlette.datastructures import Headers
from starlette.responses import Response

from mnemosyne.api.identity.negotiation import preferred
from mnemosyne.identity.representations import (
    DEREFERENCING,
    DOCUMENTS,
    JSON,
    RESOLUTION,
    produce,
    represent,
)
from mnemosyne.identity.resolution import (
    Dereferenced,
    DereferencingResult,
    Resolved,
    ServiceAddress,
    Unresolved,
)
from mnemosyne.identity.resolving_errors import ErrorType, Problem

STATUSES: Final[Mapping[ErrorType, int]] = {
    ErrorType.INVALID_DID: 400,
    ErrorType.INVALID_DID_URL: 400,
    ErrorType.INVALID_OPTIONS: 400,
    ErrorType.NOT_FOUND: 404,
    ErrorType.REPRESENTATION_NOT_SUPPORTED: 406,
    ErrorType.INVALID_DID_DOCUMENT: 500,
    ErrorType.INTERNAL_ERROR: 500,
    ErrorType.METHOD_NOT_SUPPORTED: 501,
    ErrorType.FEATURE_NOT_SUPPORTED: 501,
}
_LONGEST_KEPT: Final = 3600
_OF_A_DID: Final = (RESOLUTION, *DOCUMENTS, DEREFERENCING)
_OF_A_DID_URL: Final = (DEREFERENCING, RESOLUTION, *DOCUMENTS, JSON)
_OF_A_PART: Final = (DEREFERENCING, JSON)
_UNACCEPTABLE: Final = Problem(
    ErrorType.REPRESENTATION_NOT_SUPPORTED,
    "None of the accepted media types can be given.",
)


def answer(found: DereferencingResult, accept: str, request: Headers, *, as_url: bool) -> Response:
    """Return the answer to a request for what was ``found``; ``as_url`` if it was a DID URL."""
    match found:
        case Unresolved(problem):
            return _error(problem, accept, as_url=as_url)
        case ServiceAddress(url):
            # The address is another's: whatever was accepted, it is for that server to give.
            return Response(status_code=303, headers={"Location": url, "Cache-Control": "no-cache"})
        case Dereferenced(content, ttl):
            media_type = preferred(accept, _OF_A_PART)
            if media_type is None:
                return _error(_UNACCEPTABLE, accept, as_url=as_url)
            whole = _dereferencing(content, {}) if media_type == DEREFERENCING else content
            return _kept(whole, media_type, ttl, request)
        case Resolved():
            return _resolved(found, accept, request, as_url=as_url)
        case _:
            assert_never(found)


def _resolved(found: Resolved, accept: str, request: Headers, *, as_url: bool) -> Response:
    media_type = preferred(accept, _OF_A_DID_URL if as_url else _OF_A_DID)
    if media_type is None:
        return _error(_UNACCEPTABLE, accept, as_url=as_url)
    if media_type == DEREFERENCING:
        whole = _dereferencing(found.document, found.metadata)
    elif media_type == RESOLUTION or found.document is None:
        media_type = RESOLUTION
        whole = _resolution(found.document, found.metadata)
    else:
        whole = represent(found.document, media_type)
    if found.document is None:  # deactivated; a recovery may still undo it
        return _body(whole, media_type, 410, {"Cache-Control": "no-cache"})
    return _kept(whole, media_type, found.ttl, request)


def _error(problem: Problem, accept: str, *, as_url: bool) -> Response:
    offered = _OF_A_PART if as_url else _OF_A_DID
    if as_url or preferred(accept, offered) == DEREFERENCING:
        whole, media_type = _dereferencing(None, {}, problem), DEREFERENCING
    else:
        whole, media_type = _resolution(None, {}, problem), RESOLUTION
    return _body(whole, media_type, STATUSES[problem.type], {"Cache-Control": "no-store"})


def _resolution(
    document: Mapping[str, Any] | None, metadata: Mapping[str, Any], problem: Problem | None = None
) -> dict[str, Any]:
    return {
        "didResolutionMetadata": _about(RESOLUTION, problem),
        "didDocument": document,
        "didDocumentMetadata": metadata,
    }


def _dereferencing(
    content: Mapping[str, Any] | None, metadata: Mapping[str, Any], problem: Problem | None = None
) -> dict[str, Any]:
    return {
        "dereferencingMetadata": _about(DEREFERENCING, problem),
        "contentStream": content,
        "contentMetadata": metadata,
    }


def _about(media_type: str, problem: Problem | None) -> dict[str, Any]:
    error = {} if problem is None else {"error": problem.document()}
    return {"contentType": media_type, **error}


def _kept(whole: Mapping[str, Any], media_type: str, ttl: int, request: Headers) -> Response:
    """Return an answer that a client may keep, or the news that it has it already."""
    seconds = min(ttl, _LONGEST_KEPT)
    keep = f"max-age={seconds}" if seconds > 0 else "no-cache"
    # The body changes with the version, and with what became known of it since.
    tag = f'"{sha256(produce(whole)).hexdigest()[:32]}"'
    headers = {"Cache-Control": keep, "ETag": tag}
    if has(tag, request):
        return Response(status_code=304, headers={**headers, "Vary": "Accept"})
    return _body(whole, media_type, 200, headers)


def has(tag: str, request: Headers) -> bool:
    """Whether a client says that it has what ``tag`` names already."""
    stated = ",".join(request.getlist("if-none-match"))
    return not {tag, "*"}.isdisjoint(part.strip().removeprefix("W/") for part in stated.split(","))


def _body(
    whole: Mapping[str, Any], media_type: str, status: int, headers: Mapping[str, str]
) -> Response:
    return Response(produce(whole), status, {**headers, "Vary": "Accept"}, media_type)
