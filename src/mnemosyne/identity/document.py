"""The DID document: how it is built, and what one may say (DID Core 1.0, DID 1.1, CID 1.0).

A method of version 1 refuses whatever it does not know, here as everywhere in a log. Nothing of a
private key, no relative reference and no key of the log itself gets into a document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.syntax import is_did, is_fragment
from mnemosyne.identity.web_urls import is_plain, is_uri, is_web_address, too_long
from mnemosyne.kit.crypto.multikey import (
    BadPublicKeyError,
    decode_agreement_key,
    decode_multikey,
)

CONTEXT: Final = "https://www.w3.org/ns/did/v1.1"
MOST_METHODS: Final = 20
MOST_SERVICES: Final = 20
MOST_NAMES: Final = 20
"""Identifiers in ``alsoKnownAs``, controllers, contexts."""
LONGEST_TYPE: Final = 128

_SIGNING_RELATIONSHIPS: Final = (
    "authentication",
    "assertionMethod",
    "capabilityInvocation",
    "capabilityDelegation",
)
_RELATIONSHIPS: Final = (*_SIGNING_RELATIONSHIPS, "keyAgreement")
_MEMBERS: Final = frozenset(
    {"@context", "id", "controller", "alsoKnownAs", "verificationMethod", "service"}
) | frozenset(_RELATIONSHIPS)
_METHOD: Final = frozenset({"id", "type", "controller", "publicKeyMultibase"})
_SERVICE: Final = frozenset({"id", "type", "serviceEndpoint"})
_SECRETS: Final = ("secret", "private")


class VerificationMethod(NamedTuple):
    """A public key of a document: its fragment and its Multikey."""

    fragment: str
    multikey: str


class Service(NamedTuple):
    """Where something of this person answers."""

    fragment: str
    type: str
    endpoint: str


def build_document(
    did: str,
    *,
    signing: Sequence[tuple[str, str]] = (),
    agreement: Sequence[tuple[str, str]] = (),
    node: Sequence[tuple[str, str]] = (),
    devices: Sequence[tuple[str, str]] = (),
    services: Sequence[tuple[str, str, str]] = (),
    also_known_as: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the document of ``did``; empty parts are left out.

    Keys are given as ``VerificationMethod`` and services as ``Service``, or as plain tuples.
    ``signing`` keys assert and authenticate, ``devices`` only authenticate, ``agreement`` keys only
    agree, and ``node`` keys are listed without any relationship: they sign for the node.
    """
    members = {
        "alsoKnownAs": list(also_known_as),
        "verificationMethod": [
            {
                "id": f"{did}#{fragment}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multikey,
            }
            for fragment, multikey in (*signing, *devices, *agreement, *node)
        ],
        "authentication": [f"{did}#{fragment}" for fragment, _ in (*signing, *devices)],
        "assertionMethod": [f"{did}#{fragment}" for fragment, _ in signing],
        "keyAgreement": [f"{did}#{fragment}" for fragment, _ in agreement],
        "service": [
            {"id": f"{did}#{fragment}", "type": kind, "serviceEndpoint": endpoint}
            for fragment, kind, endpoint in services
        ],
    }
    filled = {name: value for name, value in members.items() if value}
    return {"@context": [CONTEXT], "id": did, **filled}


def check_document(did: str, state: Mapping[str, Any]) -> None:
    """Check that ``state`` is a document of ``did``.

    Raises:
        LogError: INVALID_STATE, or ENTRY_TOO_LARGE for a limit.
    """
    _refuse_secrets(state)
    _check_members(state, _MEMBERS, {"@context", "id"}, "the document")
    if state["id"] != did:
        raise _invalid("the id of the document is not the DID")
    _check_context(state["@context"])
    _check_controller(state)
    _check_names(state)
    methods = _check_methods(did, state.get("verificationMethod", []))
    _check_relationships(state, methods)
    services = _check_services(did, state.get("service", []))
    _unique([*methods, *services], "an id")


def document_keys(state: Mapping[str, Any]) -> frozenset[str]:
    """Return the Multikeys of a document that was checked."""
    return frozenset(each["publicKeyMultibase"] for each in state.get("verificationMethod", ()))


def _refuse_secrets(value: object) -> None:
    """Refuse a member that is named like a secret, however deep: a mirrored log is for ever."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if any(secret in name.lower() for secret in _SECRETS):
                raise _invalid("the document holds a secret key")
            _refuse_secrets(member)
    elif isinstance(value, list):
        for item in value:
            _refuse_secrets(item)


def _check_members(
    value: Mapping[str, Any], known: Iterable[str], required: Iterable[str], what: str
) -> None:
    if missing := set(required) - value.keys():
        raise _invalid(f"{what} has no {min(missing)}")
    if unknown := value.keys() - set(known):
        raise _invalid(f"{what} has a member that is not known: {min(unknown)[:40]}")


def _check_context(context: object) -> None:
    contexts = _texts(context if isinstance(context, list) else [context], "@context", MOST_NAMES)
    if contexts[:1] != [CONTEXT]:
        raise _invalid(f"the first @context is not {CONTEXT}")
    for each in contexts:
        _check_url(each, "a context", good=is_web_address(each))
    _unique(contexts, "a context")


def _check_controller(state: Mapping[str, Any]) -> None:
    if "controller" not in state:
        return
    value = state["controller"]
    found = _texts(value if isinstance(value, list) else [value], "controller", MOST_NAMES)
    if not found or not all(is_did(each) for each in found):
        raise _invalid("a controller is not a DID")
    _unique(found, "a controller")


def _check_names(state: Mapping[str, Any]) -> None:
    names = _texts(state.get("alsoKnownAs", []), "alsoKnownAs", MOST_NAMES)
    for each in names:
        _check_url(each, "a name in alsoKnownAs", good=is_uri(each))
    _unique(names, "a name in alsoKnownAs")


def _check_methods(did: str, listed: object) -> dict[str, str]:
    """Return the Multikey of each method by its id."""
    methods: dict[str, str] = {}
    for each in _objects(listed, "verificationMethod", MOST_METHODS):
        _check_members(each, _METHOD, _METHOD, "a verification method")
        _check_id(did, each["id"])
        if each["type"] != "Multikey":
            raise _invalid("a verification method is not a Multikey")
        if each["controller"] != did:
            raise _invalid("a verification method is controlled by another DID")
        _check_key(each["publicKeyMultibase"])
        if each["id"] in methods:
            raise _invalid("an id stands in the document twice")
        methods[each["id"]] = each["publicKeyMultibase"]
    _unique(list(methods.values()), "a key")
    return methods


def _check_key(multikey: object) -> None:
    if not isinstance(multikey, str):
        raise _invalid("a publicKeyMultibase is not a text")
    try:
        (decode_agreement_key if multikey.startswith("z6LS") else decode_multikey)(multikey)
    except BadPublicKeyError as error:
        raise _invalid("a publicKeyMultibase is no sound Ed25519 or X25519 key") from error


def _check_relationships(state: Mapping[str, Any], methods: Mapping[str, str]) -> None:
    for name in _RELATIONSHIPS:
        references = _texts(state.get(name, []), name, MOST_METHODS)
        for each in references:
            if each not in methods:
                raise _invalid(f"{name} refers to a method that the document does not have")
            if methods[each].startswith("z6LS") != (name == "keyAgreement"):
                raise _invalid(f"{name} refers to a key that cannot do that")
        _unique(references, f"a reference in {name}")


def _check_services(did: str, listed: object) -> list[str]:
    services = _objects(listed, "service", MOST_SERVICES)
    for each in services:
        _check_members(each, _SERVICE, _SERVICE, "a service")
        _check_id(did, each["id"])
        kind = each["type"]
        if not is_plain(kind) or len(kind) > LONGEST_TYPE:
            raise _invalid("the type of a service is not a word")
        endpoint = each["serviceEndpoint"]
        _check_url(endpoint, "a service", good=is_web_address(endpoint))
    return [each["id"] for each in services]


def _check_id(did: str, text: object) -> None:
    prefix = did + "#"
    if not isinstance(text, str) or not text.startswith(prefix):
        raise _invalid("an id is not an absolute DID URL of this DID")
    if not is_fragment(text.removeprefix(prefix)):
        raise _invalid("the fragment of an id is not 1 to 64 letters, digits, “-” or “_”")


def _check_url(url: object, what: str, *, good: bool) -> None:
    if too_long(url):
        raise LogError(LogCode.ENTRY_TOO_LARGE, f"the URL of {what} has more than 2,048 bytes")
    if not good:
        raise _invalid(f"{what} is not an address that a document may name")


def _objects(value: object, what: str, most: int) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _invalid(f"{what} is not a list of objects")
    _check_count(value, what, most)
    return value


def _texts(value: object, what: str, most: int) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _invalid(f"{what} is not a list of texts")
    _check_count(value, what, most)
    return value


def _check_count(value: list[Any], what: str, most: int) -> None:
    if len(value) > most:
        raise LogError(LogCode.ENTRY_TOO_LARGE, f"{what} has more than {most} items")


def _unique(texts: Sequence[str], what: str) -> None:
    if len(set(texts)) != len(texts):
        raise _invalid(f"{what} stands in the document twice")


def _invalid(detail: str) -> LogError:
    return LogError(LogCode.INVALID_STATE, detail[0].upper() + detail[1:])
