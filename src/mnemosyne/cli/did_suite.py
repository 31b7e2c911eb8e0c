"""What the two public test suites for DIDs read, taken from the answers of a live resolver.

The W3C DID test suite reads files: a data model with its representations, and executions of a
resolver and a dereferencer with the outcome that is expected of each. It speaks DID 1.0, in which
an error is one word and ``resolve`` and ``resolveRepresentation`` are two functions; so an answer
of DID Resolution 1.0 is told in its words here. The DID Resolution test suite calls a resolver.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from mnemosyne.cli.live_resolver import Document, Live
from mnemosyne.identity.representations import (
    DEREFERENCING,
    DID_JSON,
    DID_LD_JSON,
    JSON,
    URI_LIST,
)

CONFIGURATION: Final = Path("did-resolution-suite.json")
_SUITES: Final = Path("suites")
_IMPLEMENTATION: Final = {
    "implementation": "Mnemosyne",
    "implementer": "The Mnemosyne project",
    "didMethod": "did:mnem",
}
_NO_DID: Final = "not-a-did"
_NO_DID_URL: Final = "not-a-did?versionId=1"
_NO_MEDIA_TYPE: Final = "application/x-nothing-of-the-kind"
# An error of DID Resolution 1.0 in the words of DID 1.0 §7.1.2 and §7.2.2.
_ERRORS: Final = {
    "INVALID_DID": "invalidDid",
    "INVALID_DID_URL": "invalidDidUrl",
    "NOT_FOUND": "notFound",
    "REPRESENTATION_NOT_SUPPORTED": "representationNotSupported",
}


def export(live: Live) -> dict[Path, str]:
    """Return the files that the W3C DID test suite reads, by their place in a folder."""
    named = {
        Path("did-mnem.json"): _data_model(live),
        Path("resolver-mnem.json"): _resolver(live),
        Path("dereferencer-mnem.json"): _dereferencer(live),
    }
    return {
        **{path: written(document) for path, document in named.items()},
        **{_SUITES / suite / "default.js": text for suite, text in _lists()},
    }


def configuration(live: Live, endpoint: str) -> Document:
    """Return what the DID Resolution test suite has to know of the resolver at ``endpoint``."""
    did, parameters = live.dids.active, live.parameters()
    known: Document = {
        "valid": [{"did": did}, {"did": did, "resolutionOptions": {"versionId": live.genesis}}],
        "notFound": live.dids.unknown,  # a text, whatever the suite's documentation says
        "derefUrls": [
            {"didUrl": live.fragment(), "dereferencingOptions": {"versionId": live.version}}
        ],
    }
    if live.dids.deactivated:
        known["deactivated"] = live.dids.deactivated
    if "relativeRef" in parameters:
        known["serviceDerefUrls"] = [{"didUrl": parameters["relativeRef"]}]
    resolver = {"id": endpoint, "endpoint": endpoint, "tags": ["did-resolution"]}
    return {"name": "Mnemosyne", "didResolvers": [{**resolver, "supportedDids": known}]}


def written(document: Mapping[str, Any]) -> str:
    """Return a document as it is put into a file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _data_model(live: Live) -> Document:
    did = live.dids.active
    metadata = live.resolution(did)["didDocumentMetadata"]
    representations = {}
    for media_type in (DID_JSON, DID_LD_JSON):
        answer = live.ask(did, media_type)
        document = answer.json
        of_it = {"@context": document["@context"]} if "@context" in document else {}
        representations[media_type] = {
            "didDocumentDataModel": {"representationSpecificEntries": of_it},
            "representation": answer.text,
            "didDocumentMetadata": metadata,
            "didResolutionMetadata": {"contentType": answer.media_type},
        }
    properties = live.ask(did, DID_JSON).json
    return {
        **_IMPLEMENTATION,
        "supportedContentTypes": [DID_JSON, DID_LD_JSON],
        "dids": [did],
        "didParameters": live.parameters(),
        did: {"didDocumentDataModel": {"properties": properties}, **representations},
    }


def _resolver(live: Live) -> Document:
    did = live.dids.active
    executions = [
        ("defaultOutcome", _resolve(live, did)),
        ("defaultOutcome", _resolve_representation(live, did, DID_LD_JSON)),
        ("defaultOutcome", _resolve_representation(live, did, DID_JSON)),
        ("defaultOutcome", _resolve(live, did, {"versionId": live.genesis})),
        ("defaultOutcome", _resolve(live, did, {"versionTime": live.created})),
        ("invalidDidErrorOutcome", _resolve(live, _NO_DID)),
        ("notFoundErrorOutcome", _resolve(live, live.dids.unknown)),
        ("representationNotSupportedErrorOutcome", _resolve_refused(live, did)),
    ]
    if live.dids.deactivated:
        executions.append(("deactivatedOutcome", _resolve(live, live.dids.deactivated)))
    return _with_outcomes(executions, "deactivatedOutcome")


def _dereferencer(live: Live) -> Document:
    did, parameters = live.dids.active, live.parameters()
    executions = [
        ("defaultOutcome", _dereference(live, did, DID_LD_JSON)),
        # A test compares a fragment with the execution of what it is a fragment of.
        ("defaultOutcome", _dereference(live, live.fragment(), JSON)),
        ("defaultOutcome", _dereference(live, parameters["versionId"], DID_JSON)),
        ("defaultOutcome", _dereference(live, parameters["versionTime"], DID_LD_JSON)),
        ("invalidDidUrlErrorOutcome", _dereference(live, _NO_DID_URL, DID_JSON)),
        ("notFoundErrorOutcome", _dereference(live, f"{did}#nothing", JSON)),
        ("notFoundErrorOutcome", _dereference(live, live.dids.unknown, DID_JSON)),
    ]
    executions.extend(
        ("defaultOutcome", _dereference(live, parameters[name], URI_LIST))
        for name in ("service", "relativeRef")
        if name in parameters
    )
    return _with_outcomes(executions)


def _resolve(live: Live, did: str, options: Mapping[str, str] | None = None) -> Document:
    result = live.resolution(did, options)
    document = result["didDocument"]
    if result["didDocumentMetadata"].get("deactivated"):
        document = {"id": did}  # the suite wants a map even here
    return _execution(
        "resolve",
        {"did": did, "resolutionOptions": dict(options or {})},
        {
            "didResolutionMetadata": _about(result["didResolutionMetadata"]),
            "didDocument": document,
            "didDocumentMetadata": result["didDocumentMetadata"],
        },
    )


def _resolve_representation(live: Live, did: str, media_type: str) -> Document:
    answer = live.ask(did, media_type)
    return _execution(
        "resolveRepresentation",
        {"did": did, "resolutionOptions": {"accept": media_type}},
        {
            "didResolutionMetadata": {"contentType": answer.media_type},
            "didDocumentStream": answer.text,
            "didDocumentMetadata": live.resolution(did)["didDocumentMetadata"],
        },
    )


def _resolve_refused(live: Live, did: str) -> Document:
    """Ask for a media type that nobody has.

    The suite lets ``resolve`` have no ``accept``, and ``resolveRepresentation`` no error. So the
    header is noted under its own name.
    """
    result = live.ask(did, _NO_MEDIA_TYPE).json
    return _execution(
        "resolve",
        {"did": did, "resolutionOptions": {"Accept": _NO_MEDIA_TYPE}},
        {
            "didResolutionMetadata": _about(result["didResolutionMetadata"]),
            "didDocument": result["didDocument"],
            "didDocumentMetadata": result["didDocumentMetadata"],
        },
    )


def _dereference(live: Live, did_url: str, media_type: str) -> Document:
    if media_type == URI_LIST:
        answer = live.ask(did_url, URI_LIST)
        about, content, metadata = {"contentType": URI_LIST}, answer.location, {}
    else:
        result = live.ask(did_url, DEREFERENCING).json
        about, metadata = _about(result["dereferencingMetadata"]), result["contentMetadata"]
        content = ""
        if "error" not in about:
            answer = live.ask(did_url, media_type)
            about, content = {"contentType": answer.media_type}, answer.text
    return _execution(
        "dereference",
        {"didUrl": did_url, "dereferenceOptions": {"accept": media_type}},
        {
            "dereferencingMetadata": about,
            "contentStream": content,
            "contentMetadata": metadata,
        },
    )


def _about(metadata: Mapping[str, Any]) -> Document:
    """Return metadata in the words of DID 1.0: nothing, or an error of one word."""
    if "error" not in metadata:
        return {}
    name = str(metadata["error"]["type"]).rpartition("#")[2]
    return {"error": _ERRORS[name]}


def _execution(function: str, given: Document, output: Document) -> Document:
    return {"function": function, "input": given, "output": output}


def _with_outcomes(executions: list[tuple[str, Document]], *always: str) -> Document:
    outcomes: dict[str, list[int]] = {name: [] for name in always}
    for index, (outcome, _) in enumerate(executions):
        outcomes.setdefault(outcome, []).append(index)
    return {
        **_IMPLEMENTATION,
        "expectedOutcomes": outcomes,
        "executions": [execution for _, execution in executions],
    }


def _lists() -> Iterable[tuple[str, str]]:
    """Yield, for each suite, the list that makes it look at this implementation alone."""
    wanted = {
        "did-identifier": ("did-identity", "didMethods", "did-mnem"),
        "did-core-properties": ("did-spec", "didMethods", "did-mnem"),
        "did-production": ("did-production", "didMethods", "did-mnem"),
        "did-consumption": ("did-consumption", "didMethods", "did-mnem"),
        "did-resolution": ("7.1 DID Resolution", "resolvers", "resolver-mnem"),
        "did-url-dereferencing": (
            "7.2 DID URL Dereferencing",
            "dereferencers",
            "dereferencer-mnem",
        ),
    }
    for suite, (name, kind, file) in wanted.items():
        implementations = f"[require('../implementations/{file}.json')]"
        if suite == "did-production":  # it looks at each twice, with either context of DID
            implementations = f"require('../utils').addDidv11Implementations({implementations})"
        yield suite, f"module.exports = {{name: '{name}', {kind}: {implementations}}};\n"
