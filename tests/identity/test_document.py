"""What a document may say. Each row breaks one rule, and one guard refuses it."""

import copy
from typing import Any

import pytest

from mnemosyne.identity.document import (
    CONTEXT,
    Service,
    VerificationMethod,
    build_document,
    check_document,
    document_keys,
)
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.kit.crypto.multikey import encode_agreement_key
from tests.identity.logs import DID, Raw, multikey
from tests.requirements import requirement

AGREEMENT = encode_agreement_key(bytes([9]) + bytes(31))  # RFC 7748: the base point
SMALL_AGREEMENT = "z6LS" + "1" * 44

SOUND = build_document(
    DID,
    signing=[VerificationMethod("sig-1", multikey(1)), VerificationMethod("sig-2", multikey(2))],
    agreement=[VerificationMethod("enc-1", AGREEMENT)],
    node=[VerificationMethod("node-1", multikey(3))],
    devices=[VerificationMethod("mls-laptop", multikey(4))],
    services=[Service("node", "MnemosyneNode", "https://ada.example/")],
    also_known_as=["https://ada.example/about", "did:web:ada.example"],
)


@requirement("identity.document")
def test_a_document_gives_each_key_its_one_use() -> None:
    check_document(DID, SOUND)

    assert SOUND["@context"] == [CONTEXT]
    assert SOUND["assertionMethod"] == [f"{DID}#sig-1", f"{DID}#sig-2"]
    assert SOUND["authentication"] == [f"{DID}#sig-1", f"{DID}#sig-2", f"{DID}#mls-laptop"]
    assert SOUND["keyAgreement"] == [f"{DID}#enc-1"]
    # The key of the node is listed, and may neither assert nor authenticate for the person.
    assert SOUND["verificationMethod"][-1] == {
        "id": f"{DID}#node-1",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": multikey(3),
    }
    assert document_keys(SOUND) == {AGREEMENT, *(multikey(n) for n in range(1, 5))}


def test_empty_parts_are_left_out() -> None:
    assert build_document(DID) == {"@context": [CONTEXT], "id": DID}
    check_document(DID, build_document(DID))


def put(*path: str | int, to: Any) -> Raw:  # noqa: ANN401 - any JSON value
    document: Raw = copy.deepcopy(SOUND)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return document


def without(*path: str | int) -> Raw:
    document: Raw = copy.deepcopy(SOUND)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document


METHOD = SOUND["verificationMethod"][0]
SERVICE = SOUND["service"][0]

BROKEN: list[tuple[str, Raw]] = [
    ("another id", put("id", to=DID.replace("bciq", "bcia"))),
    ("no id", without("id")),
    ("no context", without("@context")),
    ("another context first", put("@context", to=["https://a.example/", CONTEXT])),
    ("no first context", put("@context", to=[])),
    ("an object as context", put("@context", to=[CONTEXT, {"name": "https://a.example/"}])),
    ("a context that is no address", put("@context", to=[CONTEXT, "a"])),
    ("a context over http", put("@context", to=[CONTEXT, "http://a.example/"])),
    ("a context twice", put("@context", to=[CONTEXT, CONTEXT])),
    ("a member that is not known", put("name", to="Ada")),
    ("a secret key", put("verificationMethod", 0, "secretKeyMultibase", to="z3u2")),
    ("a private key", put("verificationMethod", 0, "privateKeyJwk", to={})),
    ("a private key in base58", put("service", 0, "privateKeyBase58", to="x")),
    ("a controller that is no DID", put("controller", to="ada")),
    ("a controller that is a number", put("controller", to=1)),
    ("no controller in the list", put("controller", to=[])),
    ("a controller twice", put("controller", to=[DID, DID])),
    ("a controller in another spelling", put("controller", to=DID[:-1] + "3")),
    ("names that are a text", put("alsoKnownAs", to="https://a.example/")),
    ("a name that is no URI", put("alsoKnownAs", to=["ada"])),
    ("a name with a space", put("alsoKnownAs", to=["https://a.example/ b"])),
    ("a name with letters that look alike", put("alsoKnownAs", to=["https://аda.example/"])),
    ("a name without rest", put("alsoKnownAs", to=["https:"])),
    ("a name twice", put("alsoKnownAs", to=["did:web:a"] * 2)),
    ("methods that are an object", put("verificationMethod", to={})),
    ("a method that is a text", put("verificationMethod", 0, to=METHOD["id"])),
    ("a method without key", without("verificationMethod", 0, "publicKeyMultibase")),
    ("a method with one member more", put("verificationMethod", 0, "expires", to="x")),
    ("a relative id", put("verificationMethod", 0, "id", to="#sig-1")),
    ("the id of another DID", put("verificationMethod", 0, "id", to="did:example:1#sig-1")),
    ("an id that is a number", put("verificationMethod", 0, "id", to=1)),
    ("an id with a long fragment", put("verificationMethod", 4, "id", to=f"{DID}#{'a' * 65}")),
    ("a fragment alone as id", put("verificationMethod", 4, "id", to="node-1")),
    ("services that are an empty object", put("service", to={})),
    ("a relationship that is an empty object", put("capabilityInvocation", to={})),
    ("an id without fragment", put("verificationMethod", 4, "id", to=f"{DID}#")),
    ("an id with a dot", put("verificationMethod", 4, "id", to=f"{DID}#node.1")),
    ("an id twice", put("verificationMethod", 1, "id", to=f"{DID}#sig-1")),
    ("the id of another key", put("verificationMethod", 4, "id", to=f"{DID}#mls-laptop")),
    ("a service with the id of a key", put("service", 0, "id", to=f"{DID}#sig-1")),
    ("another type", put("verificationMethod", 0, "type", to="JsonWebKey")),
    (
        "a method of another controller",
        put("verificationMethod", 0, "controller", to="did:example:1"),
    ),
    ("a key that is a number", put("verificationMethod", 0, "publicKeyMultibase", to=1)),
    (
        "a key of another kind",
        put("verificationMethod", 0, "publicKeyMultibase", to="zQ3shokFTS3brHcD"),
    ),
    (
        "a key that is private",
        put(
            "verificationMethod",
            0,
            "publicKeyMultibase",
            to="z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
        ),
    ),
    (
        "an unsound agreement key",
        put("verificationMethod", 3, "publicKeyMultibase", to=SMALL_AGREEMENT),
    ),
    ("a key twice", put("verificationMethod", 1, "publicKeyMultibase", to=multikey(1))),
    ("a reference to nothing", put("authentication", to=[f"{DID}#sig-9"])),
    ("a reference that is an object", put("authentication", to=[METHOD])),
    ("a reference twice", put("assertionMethod", to=[f"{DID}#sig-1"] * 2)),
    ("an agreement key that signs", put("assertionMethod", to=[f"{DID}#enc-1"])),
    ("an agreement key that invokes", put("capabilityInvocation", to=[f"{DID}#enc-1"])),
    ("a signing key that agrees", put("keyAgreement", to=[f"{DID}#sig-1"])),
    ("services that are an object", put("service", to=SERVICE)),
    ("a service without endpoint", without("service", 0, "serviceEndpoint")),
    ("a service without type", without("service", 0, "type")),
    ("a service with one member more", put("service", 0, "email", to="ada@ada.example")),
    ("a service without word as type", put("service", 0, "type", to="")),
    ("a long type", put("service", 0, "type", to="x" * 129)),
    ("a type that is a list", put("service", 0, "type", to=["MnemosyneNode"])),
    ("a relative service id", put("service", 0, "id", to="#node")),
    ("a service twice", put("service", to=[SERVICE, SERVICE])),
    *(
        (f"the endpoint {endpoint!r}", put("service", 0, "serviceEndpoint", to=endpoint))
        for endpoint in (
            "http://ada.example/",
            "ftp://ada.example/",
            "javascript:alert(1)",
            "https://",
            "https://ada@ada.example/",
            "https://ada:secret@ada.example/",
            "https://ada.example/#x",
            "https://ada.example/ x",
            "https://ada.example/\n",
            "https://ada.example\\@mallory.example/",
            "https://ada.example:99999/",
            "https://[::1/",
            "//ada.example/",
            "http://localhost.example/",
            "",
            1,
            ["https://ada.example/"],
            {"uri": "https://ada.example/"},
        )
    ),
]


@requirement("identity.document")
@pytest.mark.parametrize("document", [pytest.param(document, id=name) for name, document in BROKEN])
def test_a_document_that_breaks_a_rule_is_refused(document: Raw) -> None:
    with pytest.raises(LogError) as refused:
        check_document(DID, document)

    assert refused.value.log_code is LogCode.INVALID_STATE


def test_a_secret_is_named_as_such_however_deep_it_stands() -> None:
    with pytest.raises(LogError) as refused:
        check_document(DID, put("service", 0, "x", to=[{"y": [{"mySecretKey": 1}]}]))

    assert refused.value.detail == "The document holds a secret key"


@pytest.mark.parametrize(
    "document",
    [
        put("alsoKnownAs", to=["https://a.example/".ljust(2049, "x")]),
        put("alsoKnownAs", to=[f"https://a.example/{n}" for n in range(21)]),
        put("service", 0, "serviceEndpoint", to="https://a.example/".ljust(2049, "x")),
        put("service", 0, "serviceEndpoint", to="https://a.example/" + "ä" * 1020),
        put("service", to=[{**SERVICE, "id": f"{DID}#{n}"} for n in range(21)]),
        put("authentication", to=[f"{DID}#sig-1"] * 21),
        put("controller", to=[f"did:example:{n}" for n in range(21)]),
        put("@context", to=[CONTEXT, "https://a.example/".ljust(2049, "x")]),
    ],
)
@requirement("identity.document")
def test_a_document_beyond_a_limit_is_too_large(document: Raw) -> None:
    with pytest.raises(LogError) as refused:
        check_document(DID, document)

    assert refused.value.log_code is LogCode.ENTRY_TOO_LARGE


@pytest.mark.parametrize(
    "document",
    [
        put("@context", to=CONTEXT),
        put("@context", to=[CONTEXT, "https://a.example/v1"]),
        put("controller", to=DID),
        put("controller", to=["did:web:ada.example", DID]),
        put("capabilityInvocation", to=[f"{DID}#sig-1"]),
        put("capabilityDelegation", to=[]),
        put("alsoKnownAs", to=["urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"]),
        put("service", 0, "serviceEndpoint", to="http://localhost:8000/"),
        put("service", 0, "serviceEndpoint", to="http://127.0.0.1/"),
        put("service", 0, "serviceEndpoint", to="http://[::1]:8/?q=1"),
        put("service", 0, "serviceEndpoint", to="https://a.example/".ljust(2048, "x")),
        put("verificationMethod", 4, "id", to=f"{DID}#{'a' * 64}"),
    ],
)
def test_what_a_document_may_say(document: Raw) -> None:
    check_document(DID, document)
