"""Receipts of witnesses. Their format is validated; no witness issues any yet.

A receipt is ``{"did", "versionId", "proof"}``, the proof ``eddsa-jcs-2022`` by the did:key of the
witness. It names the DID too: a signature over the versionId alone could be played back for another
log. ``witness.json`` is a list of receipts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.parameters import Witness
from mnemosyne.identity.syntax import is_mnem
from mnemosyne.kit.crypto.data_integrity import BadProofError, verify_document
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, decode_did_key
from mnemosyne.kit.strict_json import StrictJsonError, parse

LARGEST_RECEIPTS: Final = 4 * 1024 * 1024
MOST_RECEIPTS: Final = 10_000
"""Ten witnesses for each of a thousand entries."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A witness saw an entry and found it valid. The signature has been checked."""

    did: str
    version_id: str
    witness: str


def read_receipts(data: bytes) -> tuple[Receipt, ...]:
    """Return the receipts of a ``witness.json``.

    Raises:
        LogError: WITNESS, when one is malformed or its signature does not hold.
    """
    try:
        listed = parse(data, largest=LARGEST_RECEIPTS, deepest=4)
    except StrictJsonError as error:
        raise _refused(error.reason) from error
    if not isinstance(listed, list) or len(listed) > MOST_RECEIPTS:
        raise _refused(f"the receipts are not a list of at most {MOST_RECEIPTS:,}")
    return tuple(check_receipt(each) for each in listed)


def check_receipt(value: object) -> Receipt:
    """Return the receipt that ``value`` is.

    Raises:
        LogError: WITNESS, when it is malformed or its signature does not hold.
    """
    if not isinstance(value, dict) or value.keys() != {"did", "versionId", "proof"}:
        raise _refused("a receipt is not a DID, a versionId and a proof")
    did, version_id, proof = value["did"], value["versionId"], value["proof"]
    if not is_mnem(did) or not isinstance(version_id, str):
        raise _refused("a receipt is not for an entry of a did:mnem")
    return Receipt(did, version_id, _witness(value, proof))


def witnessed(did: str, version_id: str, wanted: Witness, receipts: Iterable[Receipt]) -> bool:
    """Whether as many of the ``wanted`` witnesses as are needed gave a receipt for this entry."""
    found = {each.witness for each in receipts if (each.did, each.version_id) == (did, version_id)}
    return len(found & set(wanted.witnesses)) >= wanted.threshold


def _witness(value: Mapping[str, Any], proof: object) -> str:
    """Return the did:key that signed."""
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(proof, dict) or not isinstance(method, str):
        raise _refused("a receipt has no proof")
    witness, _, fragment = method.partition("#")
    try:
        public = decode_did_key(witness)
        verify_document(value, proof, public)
    except (BadPublicKeyError, BadProofError) as error:
        raise _refused(f"a receipt is not signed by its witness: {error.reason}") from error
    if witness != f"did:key:{fragment}":
        raise _refused("a receipt names another key than it is signed with")
    return witness


def _refused(detail: str) -> LogError:
    return LogError(LogCode.WITNESS, detail[0].upper() + detail[1:].rstrip("."))
