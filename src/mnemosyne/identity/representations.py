"""How a DID document is written down: the media types of DID 1.0 and 1.1, and what differs."""

import json
from collections.abc import Mapping
from typing import Any, Final

RESOLUTION: Final = "application/did-resolution"
DEREFERENCING: Final = "application/did-url-dereferencing"
DID: Final = "application/did"
DID_JSON: Final = "application/did+json"
DID_LD_JSON: Final = "application/did+ld+json"
JSON: Final = "application/json"
URI_LIST: Final = "text/uri-list"

DOCUMENTS: Final = (DID, DID_LD_JSON, DID_JSON)
"""What a DID document can be asked for as, the one of DID 1.1 first."""

# DID Core 1.0 §4.1: the entries that belong to a representation and not to the data model.
_OF_THE_REPRESENTATION: Final = frozenset({"@context"})


def represent(document: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    """Return ``document`` as ``media_type`` has it: plain JSON carries no JSON-LD context."""
    if media_type != DID_JSON:
        return dict(document)
    return {name: value for name, value in document.items() if name not in _OF_THE_REPRESENTATION}


def produce(value: Mapping[str, Any]) -> bytes:
    """Return ``value`` as compact JSON in UTF-8, with the entries in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
