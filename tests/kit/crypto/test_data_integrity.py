import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import base58
import pytest

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.data_integrity import (
    BadProofError,
    did_key_method,
    hash_data,
    sign_document,
    verify_document,
)
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.multikey import decode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from tests.requirements import requirement

VECTORS = Path(__file__).parents[2] / "vectors" / "vc-di-eddsa"
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


def text(name: str) -> str:
    return (VECTORS / name).read_text(encoding="utf-8")


def parsed(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text(name))
    return value


UNSIGNED, SIGNED, CONFIGURATION = (
    parsed(name) for name in ("unsigned.json", "signedJCS.json", "proofConfigJCS.json")
)
PAIR = parsed("keyPair.json")
PROOF = SIGNED["proof"]
PUBLIC = decode_multikey(PAIR["publicKeyMultibase"])
# multicodec ed25519-priv, 0x1300 as a varint, before the 32 bytes
KEY = SigningKey(base58.b58decode(PAIR["privateKeyMultibase"][1:]).removeprefix(b"\x80\x26"))


@requirement("identity.proofs")
def test_every_step_of_signing_agrees_with_the_published_vectors() -> None:
    document_hash, proof_hash = text("docHashJCS.txt"), text("proofHashJCS.txt")

    assert KEY.public == PUBLIC
    assert canonical_json(UNSIGNED).decode() == text("canonDocJCS.txt")
    assert canonical_json(CONFIGURATION).decode() == text("proofCanonJCS.txt")
    assert sha256(canonical_json(UNSIGNED)).hex() == document_hash
    assert sha256(canonical_json(CONFIGURATION)).hex() == proof_hash
    assert hash_data(UNSIGNED, CONFIGURATION).hex() == text("combinedHashJCS.txt")
    assert KEY.sign(hash_data(UNSIGNED, CONFIGURATION)).hex() == text("sigHexJCS.txt")


@requirement("identity.proofs")
def test_the_signed_document_agrees_with_the_published_one() -> None:
    proof = sign_document(
        UNSIGNED, KEY, verification_method=did_key_method(KEY.public), created=CREATED
    )

    assert proof["proofValue"] == text("sigBTC58JCS.txt")
    assert {**UNSIGNED, "proof": proof} == SIGNED
    # A proof that a document carries already is not signed.
    assert hash_data(SIGNED, PROOF).hex() == text("combinedHashJCS.txt")


@requirement("identity.proofs")
def test_the_published_document_verifies() -> None:
    verify_document(SIGNED, PROOF, PUBLIC)
    verify_document(UNSIGNED, PROOF, PUBLIC)


@requirement("identity.proofs")
def test_every_changed_byte_of_the_document_the_proof_and_the_key_is_seen() -> None:
    for source in (UNSIGNED, PROOF):
        line = canonical_json(source)
        for place in range(len(line)):
            changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
            try:
                value = json.loads(changed)
            except ValueError:
                continue  # no JSON any more
            document, proof = (value, PROOF) if source is UNSIGNED else (UNSIGNED, value)
            with pytest.raises(BadProofError):
                verify_document(document, proof, PUBLIC)
    with pytest.raises(BadProofError):
        verify_document(SIGNED, PROOF, SigningKey(bytes(32)).public)


def altered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    proof: dict[str, Any] = copy.deepcopy(PROOF)
    change(proof)
    return proof


def signed(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - members of a proof
    """Return a proof with these members, signed for as they are."""
    configuration = {**CONFIGURATION, **options}
    configuration = {name: value for name, value in configuration.items() if value is not None}
    signature = KEY.sign(hash_data(UNSIGNED, configuration))
    return {**configuration, "proofValue": "z" + base58.b58encode(signature).decode()}


@requirement("identity.hardening")
@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        pytest.param(signed(type="Other"), "type", id="type"),
        pytest.param(signed(cryptosuite="eddsa-rdfc-2022"), "cryptosuite", id="cryptosuite"),
        pytest.param(signed(proofPurpose="authentication"), "proofPurpose", id="purpose"),
        pytest.param(signed(type=None), "type", id="no type"),
        pytest.param(signed(verificationMethod=None), "verificationMethod", id="no method"),
        pytest.param(signed(verificationMethod=1), "not a text", id="method no text"),
        pytest.param(signed(previousProof="x"), "not known", id="unknown member"),
        pytest.param(signed(created="yesterday"), "time", id="no time"),
        pytest.param(signed(created="2023-02-24T23:36:38"), "time", id="no zone"),
        pytest.param(signed(created="2023-02-30T23:36:38Z"), "time", id="no day"),
        pytest.param(signed(created=1), "not a text", id="time no text"),
        pytest.param(signed(expires="2023-02-25T00:00:00Z"), "expired", id="expired"),
        pytest.param(signed(domain="a.example"), "domain", id="foreign domain"),
        pytest.param(signed(challenge="1"), "challenge", id="foreign challenge"),
        pytest.param(signed(**{"@context": ["https://a.example/"]}), "@context", id="context"),
        pytest.param(signed(**{"@context": []}), "@context", id="empty context"),
        pytest.param(
            signed(**{"@context": [*UNSIGNED["@context"], "https://a.example/"]}),
            "@context",
            id="longer context",
        ),
        pytest.param(altered(lambda p: p.pop("proofValue")), "proofValue", id="no value"),
        pytest.param(altered(lambda p: p.update(proofValue=1)), "not a text", id="value no text"),
        pytest.param(altered(lambda p: p.update(proofValue="z" + "1" * 64)), "match", id="zeros"),
        pytest.param(altered(lambda p: p.update(proofValue="z" + "2" * 70)), "64", id="short"),
        pytest.param(altered(lambda p: p.update(proofValue="z" + "z" * 88)), "64", id="long"),
        pytest.param(
            altered(lambda p: p.update(proofValue=p["proofValue"] + " ")), "base58", id="space"
        ),
        pytest.param(
            altered(lambda p: p.update(proofValue=p["proofValue"] + "\n")), "base58", id="line end"
        ),
        pytest.param(
            altered(lambda p: p.update(proofValue=p["proofValue"][1:])), "base58", id="no prefix"
        ),
        pytest.param(
            altered(lambda p: p.update(proofValue="z" + "2" * 100_000)), "base58", id="huge"
        ),
        pytest.param(
            altered(lambda p: p.update(proofValue="z1" + p["proofValue"][1:])),
            "base58",
            id="padded",
        ),
    ],
)
def test_a_proof_is_refused_for_one_thing(proof: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadProofError) as refused:
        verify_document(UNSIGNED, proof, PUBLIC, at=datetime(2026, 1, 1, tzinfo=UTC))

    assert reason in refused.value.reason
    assert refused.value.code == "bad-proof"
    assert refused.value.reason in refused.value.why
    assert refused.value.hint


@requirement("identity.hardening")
def test_a_key_of_small_order_proves_nothing() -> None:
    # Under the point y = 1 this signature verifies every message in OpenSSL.
    proof = altered(
        lambda p: p.update(proofValue="z" + base58.b58encode(b"\x01" + bytes(63)).decode())
    )

    with pytest.raises(BadProofError):
        verify_document(UNSIGNED, proof, b"\x01" + bytes(31))


def test_what_a_verifier_asked_for_must_be_there() -> None:
    proof = signed(domain="a.example", challenge="1", nonce="x", id="urn:x")

    verify_document(UNSIGNED, proof, PUBLIC, domain="a.example", challenge="1")
    with pytest.raises(BadProofError):
        verify_document(UNSIGNED, PROOF, PUBLIC, domain="a.example")
    verify_document(
        UNSIGNED, signed(proofPurpose="authentication"), PUBLIC, purpose="authentication"
    )


def test_a_proof_that_expires_needs_a_moment() -> None:
    proof = signed(expires="2023-02-25T00:00:00+01:00")
    end = datetime(2023, 2, 24, 23, tzinfo=UTC)

    verify_document(UNSIGNED, proof, PUBLIC, at=end - timedelta(seconds=1))
    for moment in (end, None):
        with pytest.raises(BadProofError):
            verify_document(UNSIGNED, proof, PUBLIC, at=moment)


def test_contexts_may_be_added_behind_those_that_were_signed() -> None:
    more = {**UNSIGNED, "@context": [*UNSIGNED["@context"], "https://a.example/"]}

    verify_document(more, PROOF, PUBLIC)
    for other in (
        {**UNSIGNED, "@context": UNSIGNED["@context"][::-1]},
        {**UNSIGNED, "@context": UNSIGNED["@context"][:1]},
        {**UNSIGNED, "@context": UNSIGNED["@context"][0]},
        {name: value for name, value in UNSIGNED.items() if name != "@context"},
    ):
        with pytest.raises(BadProofError):
            verify_document(other, PROOF, PUBLIC)


def test_plain_json_without_context_is_signed_and_verified() -> None:
    document = {"did": "did:example:1", "versionId": "1"}
    proof = sign_document(
        document,
        KEY,
        verification_method=did_key_method(KEY.public),
        created=CREATED,
        purpose="authentication",
        challenge="c",
    )

    assert "@context" not in proof
    verify_document(document, proof, PUBLIC, purpose="authentication", challenge="c")


def test_a_document_without_canonical_form_is_a_bad_proof() -> None:
    with pytest.raises(BadProofError):
        verify_document({**UNSIGNED, "x": 2**53}, PROOF, PUBLIC)
