"""Data Integrity proofs of the cryptosuite ``eddsa-jcs-2022`` (W3C VC Data Integrity EdDSA §3.3).

The one module for logs, receipts and later signals. What is signed is SHA-256 of the canonical
options of the proof, then SHA-256 of the canonical document without its proof.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import base58

from mnemosyne.kit.canonical_json import NotCanonicalError, canonical_json
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, encode_multikey
from mnemosyne.kit.crypto.signing import BadSignatureError, Signer, verify
from mnemosyne.kit.errors import MnemosyneError

TYPE: Final = "DataIntegrityProof"
CRYPTOSUITE: Final = "eddsa-jcs-2022"
_SIGNATURE: Final = 64
# 64 bytes are 64 to 88 digits of base58. Bounded before decoding, which is quadratic.
_MULTIBASE: Final = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{64,88}")
_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_REQUIRED: Final = frozenset(
    {"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"}
)
# What a proof may say besides. Anything else would be a condition that nobody looks at.
_OPTIONAL: Final = frozenset(
    {"@context", "id", "created", "expires", "domain", "challenge", "nonce"}
)


class BadProofError(MnemosyneError):
    """A proof does not prove its document."""

    code = "bad-proof"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "the proof of this document does not hold",
            why=f"{reason}.",
            hint="Get the document again from its source, whole and unchanged.",
        )
        self.reason = reason


def did_key_method(public: bytes) -> str:
    """Return the one verification method of the ``did:key`` of ``public``, as a DID URL."""
    multikey = encode_multikey(public)
    return f"did:key:{multikey}#{multikey}"


def sign_document(
    document: Mapping[str, Any],
    signer: Signer,
    *,
    verification_method: str,
    created: datetime,
    purpose: str = "assertionMethod",
    **more_options: str,
) -> dict[str, Any]:
    """Return the proof object for ``document``; a proof that it already has is not signed.

    Raises:
        NotCanonicalError: the document has no canonical form.
    """
    options: dict[str, Any] = {
        "type": TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
        **more_options,
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = signer.sign(hash_data(document, options))
    return {**options, "proofValue": "z" + base58.b58encode(signature).decode("ascii")}


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """Return the 64 bytes that are signed: hash of the options, then hash of the document.

    ``proof`` of the document and ``proofValue`` of the options take no part.

    Raises:
        NotCanonicalError: one of them has no canonical form.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    return _configuration_hash(options) + sha256(canonical_json(unsecured))


def _configuration_hash(options: Mapping[str, Any]) -> bytes:
    configuration = {name: value for name, value in options.items() if name != "proofValue"}
    return sha256(canonical_json(configuration))


def verify_document(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    public: bytes,
    *,
    purpose: str = "assertionMethod",
    at: datetime | None = None,
    domain: str | None = None,
    challenge: str | None = None,
) -> None:
    """Check that ``proof`` was made for ``document`` with the private half of ``public``.

    Whether ``public`` is the key that ``verificationMethod`` names is for the caller to know. A
    proof that expires needs the moment ``at`` it is looked at; ``domain`` and ``challenge`` are
    what the verifier asked for, and absent unless it did.

    Raises:
        BadProofError: why it does not hold.
    """
    unsecured = {n: v for n, v in _with_context_of(proof, document).items() if n != "proof"}
    try:
        canonical = canonical_json(unsecured)
    except NotCanonicalError as error:
        raise BadProofError(f"It cannot be written canonically: {error.detail}") from error
    verify_canonical(
        canonical, proof, public, purpose=purpose, at=at, domain=domain, challenge=challenge
    )


def verify_canonical(
    document: bytes,
    proof: Mapping[str, Any],
    public: bytes,
    *,
    purpose: str = "assertionMethod",
    at: datetime | None = None,
    domain: str | None = None,
    challenge: str | None = None,
) -> None:
    """Check a proof as ``verify_document`` does, for a document that is canonical JSON already.

    The document has no ``proof`` any more, and its ``@context`` is the one that was signed.

    Raises:
        BadProofError: why it does not hold.
    """
    _check_options(proof, purpose)
    _check_time(proof, at)
    if (proof.get("domain"), proof.get("challenge")) != (domain, challenge):
        raise BadProofError("It was made for another domain or challenge")
    signature = _decode(proof["proofValue"])
    try:
        verify(public, signature, _configuration_hash(proof) + sha256(document))
    except (BadSignatureError, BadPublicKeyError) as error:
        raise BadProofError("The signature does not match the document and the key") from error
    except NotCanonicalError as error:
        raise BadProofError(f"It cannot be written canonically: {error.detail}") from error


def _check_options(proof: Mapping[str, Any], purpose: str) -> None:
    if missing := _REQUIRED - proof.keys():
        raise BadProofError(f"It has no {min(missing)}")
    if unknown := proof.keys() - _REQUIRED - _OPTIONAL:
        raise BadProofError(f"It has a member that is not known here: {str(min(unknown))[:40]}")
    for name, expected in (
        ("type", TYPE),
        ("cryptosuite", CRYPTOSUITE),
        ("proofPurpose", purpose),
    ):
        if proof[name] != expected:
            raise BadProofError(f"Its {name} is not {expected}")
    for name in proof.keys() - {"@context"}:
        if not isinstance(proof[name], str):
            raise BadProofError(f"Its {name} is not a text")


def _check_time(proof: Mapping[str, Any], at: datetime | None) -> None:
    if "created" in proof:
        _timestamp(proof["created"])
    if "expires" in proof and (at is None or _timestamp(proof["expires"]) <= at):
        raise BadProofError("It has expired, or nobody said at which time to look at it")


def _timestamp(text: str) -> datetime:
    """Return the dateTimeStamp of XML Schema, which always has a time zone."""
    with suppress(ValueError):  # of a day that is none
        if _TIMESTAMP.fullmatch(text):
            return datetime.fromisoformat(text)
    raise BadProofError("A time in it is not a date and time with a zone")


def _with_context_of(proof: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``document`` with the contexts it was signed with, which must come first in it."""
    if "@context" not in proof:
        return document
    signed, shown = (_as_list(source.get("@context")) for source in (proof, document))
    if not signed or shown[: len(signed)] != signed:
        raise BadProofError("The @context of the document does not start with that of the proof")
    return {**document, "@context": proof["@context"]}


def _as_list(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _decode(text: str) -> bytes:
    """Return the bytes of a signature in its one spelling."""
    if not _MULTIBASE.fullmatch(text):
        raise BadProofError("Its proofValue is not a signature in base58")
    data = base58.b58decode(text[1:])
    if len(data) != _SIGNATURE or "z" + base58.b58encode(data).decode("ascii") != text:
        raise BadProofError(f"Its proofValue does not hold the {_SIGNATURE} bytes of a signature")
    return data
