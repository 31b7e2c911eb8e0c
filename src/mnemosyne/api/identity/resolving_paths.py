"""What the OpenAPI document says of the resolver, whose routes are none of the API's own.

The resolver is described by DID Resolution 1.0 and by ``docs/resolver.md``; here stand the same
addresses, statuses and media types, so that the document leaves nothing out that the node answers.
"""

from typing import Any, Final

from mnemosyne.api.identity.answers import STATUSES
from mnemosyne.api.identity.logs import JSON_LINES, LARGEST_PUSH
from mnemosyne.http.problems import MEDIA_TYPE
from mnemosyne.identity.representations import (
    DEREFERENCING,
    DOCUMENTS,
    JSON,
    RESOLUTION,
)
from mnemosyne.identity.resolving_errors import ErrorType

Json = dict[str, Any]
_TAG: Final = "resolver"
_OBJECT: Final[Json] = {"type": "object"}
_TEXT: Final[Json] = {"type": "string"}
_ABOUT: Final[Json] = {
    "type": "object",
    "required": ["contentType"],
    "properties": {
        "contentType": _TEXT,
        "error": {
            "type": "object",
            "required": ["type", "title", "detail"],
            "properties": {
                "type": {
                    "type": "string",
                    "enum": [f"https://www.w3.org/ns/did#{each}" for each in ErrorType],
                },
                "title": _TEXT,
                "detail": _TEXT,
            },
        },
    },
}
SCHEMAS: Final[Json] = {
    "DidResolution": {
        "type": "object",
        "description": "The result of a resolution (DID Resolution 1.0).",
        "required": ["didResolutionMetadata", "didDocument", "didDocumentMetadata"],
        "properties": {
            "didResolutionMetadata": _ABOUT,
            "didDocument": {"type": ["object", "null"]},
            "didDocumentMetadata": _OBJECT,
        },
    },
    "DidDereferencing": {
        "type": "object",
        "description": "The result of dereferencing a DID URL (DID Resolution 1.0).",
        "required": ["dereferencingMetadata", "contentStream", "contentMetadata"],
        "properties": {
            "dereferencingMetadata": _ABOUT,
            "contentStream": {"type": ["object", "null"]},
            "contentMetadata": _OBJECT,
        },
    },
}
_RESULTS: Final[Json] = {
    RESOLUTION: {"schema": {"$ref": "#/components/schemas/DidResolution"}},
    DEREFERENCING: {"schema": {"$ref": "#/components/schemas/DidDereferencing"}},
}
_EVERYTHING: Final[Json] = {
    **_RESULTS,
    **{media_type: {"schema": _OBJECT} for media_type in (*DOCUMENTS, JSON)},
}
_PROBLEM: Final[Json] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_UNDER_WAY: Final = {
    403: "A web page of another origin caused the request.",
    414: "The address is too long.",
    421: "The request names another host than this node.",
    429: "Too many requests; `Retry-After` says for how long to wait.",
}


def _answer(what: str, content: Json | None = None) -> Json:
    return {"description": what, **({"content": content} if content else {})}


def _problems(*, more: dict[int, str]) -> Json:
    return {str(status): _answer(what, _PROBLEM) for status, what in (_UNDER_WAY | more).items()}


def _errors() -> Json:
    """Return what each status of an error says, in results of resolution."""
    named: dict[int, list[str]] = {}
    for kind, status in STATUSES.items():
        named.setdefault(status, []).append(f"`{kind}`")
    return {str(status): _answer(", ".join(kinds), _RESULTS) for status, kinds in named.items()}


def _parameter(name: str, where: str, what: str, schema: Json | None = None) -> Json:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": what,
        "schema": schema or _TEXT,
    }


def _operation(name: str, summary: str, parameters: list[Json], responses: Json) -> Json:
    return {
        "tags": [_TAG],
        "operationId": name,
        "summary": summary,
        "security": [],
        "parameters": parameters,
        "responses": responses,
    }


_DID: Final = _parameter("did", "path", "A did:mnem of a person of this node.")
_ABSENT: Final = {404: "No log of that DID is kept here."}
_RESOLVE: Final = _operation(
    "resolve_identifier",
    "Resolve a DID, or dereference a DID URL, in the form that `Accept` prefers.",
    [
        _parameter("identifier", "path", "A DID or a DID URL, percent-encoded."),
        _parameter("versionId", "query", "The document of this version."),
        _parameter("versionTime", "query", "The document as it was at this moment, in UTC."),
        _parameter("expandRelativeUrls", "query", "Whether relative URLs are written out."),
        _parameter("accept", "query", "Takes the place of the header."),
        _parameter("service", "query", "The service whose address is wanted."),
        _parameter("relativeRef", "query", "What to add to the address of the service."),
        _parameter("hint", "query", "Is read over: nothing is fetched from anywhere."),
    ],
    {
        "200": _answer("What was resolved.", _EVERYTHING),
        "303": _answer("The address of a service, in `Location`."),
        "304": _answer("The client has it."),
        "410": _answer("The DID was deactivated.", _RESULTS),
        **_errors(),
        **_problems(more={}),
    },
)
_READ_LOG: Final = _operation(
    "read_hosted_log",
    "Return every entry of a log, one in a line, in the order first seen.",
    [_DID],
    {
        "200": _answer("The log.", {JSON_LINES: {"schema": _TEXT}}),
        "304": _answer("The client has it."),
        **_problems(more=_ABSENT),
    },
)
_READ_RECEIPTS: Final = _operation(
    "read_hosted_receipts",
    "Return the receipts of witnesses; none are issued yet.",
    [_DID],
    {
        "200": _answer("The receipts.", {JSON: {"schema": {"type": "array", "items": _OBJECT}}}),
        **_problems(more=_ABSENT),
    },
)
_SUBMIT: Final = _operation(
    "submit_log_entries",
    "Add entries that validly extend the log of a person of this node.",
    [_DID],
    {
        "200": _answer("What the log says with them.", {JSON: {"schema": _OBJECT}}),
        **_problems(
            more=_ABSENT
            | {
                400: "The entries do not hold; `detail` begins with the code of the rule.",
                408: "The rest of the entries did not come.",
                413: f"More than {LARGEST_PUSH} bytes were sent.",
                415: "The entries are of another kind.",
            }
        ),
    },
) | {"requestBody": {"required": False, "content": {JSON_LINES: {"schema": _TEXT}}}}
PATHS: Final[Json] = {
    "/1.0/identifiers/{identifier}": {"get": _RESOLVE},
    "/1.0/mnem/{did}/log.jsonl": {"get": _READ_LOG},
    "/1.0/mnem/{did}/witness.json": {"get": _READ_RECEIPTS},
    "/1.0/mnem/{did}/log": {"post": _SUBMIT},
}
