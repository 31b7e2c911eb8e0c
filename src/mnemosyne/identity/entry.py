"""One entry of a log: everything about it that can be checked without another entry.

Whatever spelling of JSON an entry comes in, its canonical line (RFC 8785) is what is stored,
hashed, signed and served: two spellings are one entry. The checks come in this order, and the first
that fails names the reason: size, JSON, method version, members, versionId, time, ``previous``,
shape of the state, parameters, hash, scid, proof, signer, document. Numbers stand in few places, so
the canonical line is never longer than what came.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mnemosyne.identity.document import check_document, document_keys
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.parameters import (
    EntryType,
    Parameters,
    check_method,
    key_hash,
    parse_parameters,
)
from mnemosyne.identity.syntax import PREFIX, is_mnem
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.data_integrity import BadProofError, verify_canonical
from mnemosyne.kit.crypto.digests import multihash
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, decode_multikey
from mnemosyne.kit.strict_json import StrictJsonError, parse

LARGEST_ENTRY: Final = 16 * 1024
DEEPEST: Final = 16
PLACEHOLDER: Final = "{SCID}"

_MEMBERS: Final = frozenset(
    {"versionId", "versionTime", "type", "previous", "parameters", "state", "proof"}
)
_PROOF: Final = frozenset(
    {"type", "cryptosuite", "verificationMethod", "proofPurpose", "created", "proofValue"}
)
_SIGNED: Final = _MEMBERS - {"proof"}
_HASHED: Final = _SIGNED - {"versionId"}
# Five digits are more entries than a log may have.
_VERSION_ID: Final = re.compile(r"([1-9][0-9]{0,4})-(b[a-z2-7]{55})")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DID_KEY_METHOD: Final = re.compile(
    r"did:key:(z[1-9A-HJ-NP-Za-km-z]{1,64})#(z[1-9A-HJ-NP-Za-km-z]{1,64})"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is sound in itself. Whether its signer may write here, its log says."""

    version_id: str
    number: int
    hash: str
    time: datetime
    type: EntryType
    previous: str | None
    parameters: Parameters
    state: Mapping[str, Any]
    """The document, not to be changed; empty when the entry deactivates."""
    proof: Mapping[str, Any]
    signer: str
    """The Multikey that signed it."""
    line: bytes
    """The entry as canonical JSON, without a line feed."""

    @property
    def did(self) -> str | None:
        """The DID that the entry says it belongs to; None where it only deactivates."""
        if self.parameters.scid is not None:
            return PREFIX + self.parameters.scid
        return self.state.get("id")

    @property
    def deactivates(self) -> bool:
        """Whether nothing but a recovery may follow."""
        return not self.state


def parse_entry(line: bytes) -> Entry:
    """Return the entry of one line.

    Raises:
        LogError: why it is none.
    """
    value = _read(line)
    check_method(value.get("parameters"))
    kind = _check_members(value)
    number, stated_hash = _version_id(value["versionId"])
    time = parse_time(value["versionTime"])
    previous = _previous(kind, number, value["previous"])
    state = _state(kind, value["state"])
    parameters = parse_parameters(kind, value["parameters"], tombstone=not state)
    parts = {name: canonical_json(member) for name, member in value.items()}
    if multihash(_join(parts, _HASHED)) != stated_hash:
        raise LogError(LogCode.BAD_HASH, "Its content does not have the hash of its versionId")
    if kind is EntryType.CREATE:
        _check_scid(value, parameters.scid)
    proof, signer = _proof(value["proof"], _join(parts, _SIGNED))
    _check_signer(kind, signer, parameters)
    if state:
        _check_state(state, parameters, signer)
    return Entry(
        version_id=value["versionId"],
        number=number,
        hash=stated_hash,
        time=time,
        type=kind,
        previous=previous,
        parameters=parameters,
        state=state,
        proof=proof,
        signer=signer,
        line=_join(parts, _MEMBERS),
    )


def parse_time(text: object) -> datetime:
    """Return the moment of ``text``, which is UTC, in whole seconds, with a Z.

    Raises:
        LogError: ORDER.
    """
    with suppress(ValueError):  # of a day that is none
        if isinstance(text, str) and _TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    raise LogError(LogCode.ORDER, "A time is not UTC in whole seconds, like 2026-11-22T09:10:00Z")


def write_time(moment: datetime) -> str:
    """Return ``moment`` as an entry writes it; a part of a second is dropped."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def entry_hash(value: Mapping[str, Any]) -> str:
    """Return the hash of an entry: of everything but its proof and its versionId."""
    return multihash(canonical_json({k: v for k, v in value.items() if k in _HASHED}))


def scid_of(value: Mapping[str, Any], scid: str = PLACEHOLDER) -> str:
    """Return the scid of a genesis in which it is written as ``scid`` so far.

    Proof, versionId and ``parameters.scid`` take no part.

    Raises:
        LogError: SCID, when the placeholder occurs where the scid does not.
    """
    parameters = {k: v for k, v in value["parameters"].items() if k != "scid"}
    content = {k: v for k, v in value.items() if k not in {"proof", "versionId"}}
    content["parameters"] = parameters
    if scid != PLACEHOLDER and PLACEHOLDER.encode() in canonical_json(content):
        raise LogError(LogCode.SCID, "The placeholder of the scid occurs in the genesis")
    return multihash(canonical_json(replace_text(content, scid, PLACEHOLDER)))


def replace_text(value: Any, old: str, new: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return ``value`` with ``old`` written ``new`` in every text and name of a member."""
    match value:
        case str():
            return value.replace(old, new)
        case list():
            return [replace_text(each, old, new) for each in value]
        case dict():
            return {k.replace(old, new): replace_text(v, old, new) for k, v in value.items()}
        case _:
            return value


def _read(line: bytes) -> dict[str, Any]:
    try:
        value = parse(line, largest=LARGEST_ENTRY, deepest=DEEPEST)
    except StrictJsonError as error:
        code = LogCode.ENTRY_TOO_LARGE if error.limit else LogCode.UNKNOWN_MEMBER
        raise LogError(code, error.reason) from error
    if not isinstance(value, dict):
        raise LogError(LogCode.UNKNOWN_MEMBER, "It is not an object")
    return value


def _check_members(value: Mapping[str, Any]) -> EntryType:
    if unknown := value.keys() - _MEMBERS:
        raise LogError(LogCode.UNKNOWN_MEMBER, f"It has a member not known: {min(unknown)[:40]}")
    if "proof" not in value:
        raise LogError(LogCode.PROOF_COUNT, "It has no proof")
    if missing := _MEMBERS - value.keys():
        raise LogError(LogCode.UNKNOWN_MEMBER, f"It has no {min(missing)}")
    if not isinstance(value["type"], str) or value["type"] not in set(EntryType):
        raise LogError(LogCode.UNKNOWN_MEMBER, "Its type is not known")
    return EntryType(value["type"])


def _version_id(text: object) -> tuple[int, str]:
    found = _VERSION_ID.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise LogError(LogCode.BAD_HASH, "Its versionId is not a number, a dash and a hash")
    return int(found[1]), found[2]


def _previous(kind: EntryType, number: int, value: object) -> str | None:
    if kind is EntryType.CREATE:
        if number != 1 or value is not None:
            raise LogError(LogCode.GENESIS, "A genesis has the number 1 and nothing before it")
        return None
    if not isinstance(value, str):
        raise LogError(LogCode.NO_PARENT, "It does not say which entry it follows")
    return value


def _state(kind: EntryType, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LogError(LogCode.INVALID_STATE, "Its state is not an object")
    if kind is EntryType.DEACTIVATE and value:
        raise LogError(LogCode.INVALID_STATE, "An entry that deactivates leaves a document")
    if kind in {EntryType.CREATE, EntryType.UPDATE} and not value:
        raise LogError(LogCode.INVALID_STATE, "It has no document")
    return value


def _join(parts: Mapping[str, bytes], names: Iterable[str]) -> bytes:
    """Return the canonical object of some members, each of which is written once."""
    members = [b'"%s":%s' % (name.encode("ascii"), parts[name]) for name in sorted(names)]
    return b"{" + b",".join(members) + b"}"


def _check_scid(value: Mapping[str, Any], scid: object) -> None:
    if not isinstance(scid, str) or scid_of(value, scid) != scid:
        raise LogError(LogCode.SCID, "The genesis does not have the hash that its scid says")


def _proof(proofs: object, signed: bytes) -> tuple[dict[str, Any], str]:
    """Return the one proof of the canonical bytes ``signed``, and the Multikey of who signed."""
    if not isinstance(proofs, list) or len(proofs) != 1:
        raise LogError(LogCode.PROOF_COUNT, "It does not have exactly one proof")
    proof = proofs[0]
    if not isinstance(proof, dict):
        raise LogError(LogCode.BAD_PROOF, "Its proof is not an object")
    if proof.keys() != _PROOF:
        odd = min(proof.keys() ^ _PROOF)
        raise LogError(LogCode.UNKNOWN_MEMBER, f"Its proof lacks or adds a member: {odd[:40]}")
    signer = _signer(proof["verificationMethod"])
    if not isinstance(proof["created"], str) or not _TIME.fullmatch(proof["created"]):
        raise LogError(LogCode.BAD_PROOF, "Its proof was not made at a UTC second")
    try:
        verify_canonical(signed, proof, decode_multikey(signer))
    except BadProofError as error:
        raise LogError(LogCode.BAD_PROOF, error.reason) from error
    return proof, signer


def _signer(method: object) -> str:
    found = _DID_KEY_METHOD.fullmatch(method) if isinstance(method, str) else None
    if not found or found[1] != found[2]:
        raise LogError(LogCode.BAD_PROOF, "Its proof does not name one did:key")
    try:
        decode_multikey(found[1])
    except BadPublicKeyError as error:
        raise LogError(LogCode.BAD_PROOF, f"The key of its proof: {error.reason}") from error
    return found[1]


def _check_signer(kind: EntryType, signer: str, parameters: Parameters) -> None:
    """Refuse a signer whom the entry does not name; a recovery key its parent alone may name."""
    if kind is EntryType.RECOVER:
        spent = key_hash(signer)
        if signer in parameters.update_keys or spent in {
            *parameters.next_key_hashes,
            *(parameters.recovery_key_hashes or ()),
        }:
            raise LogError(LogCode.RECOVERY_KEY, "The recovery key is spent, and is listed again")
    elif signer not in parameters.update_keys:
        code = LogCode.GENESIS_KEYS if kind is EntryType.CREATE else LogCode.PRE_ROTATION
        raise LogError(code, "Who signed it is not among its updateKeys")


def _check_state(state: Mapping[str, Any], parameters: Parameters, signer: str) -> None:
    did: Any = PREFIX + parameters.scid if parameters.scid is not None else state.get("id")
    if not is_mnem(did):
        raise LogError(LogCode.INVALID_STATE, "The id of the document is not a did:mnem")
    check_document(did, state)
    listed = {key_hash(each) for each in document_keys(state)}
    of_the_log = {
        key_hash(signer),
        *parameters.update_key_hashes,
        *parameters.next_key_hashes,
        *(parameters.recovery_key_hashes or ()),
    }
    if listed & of_the_log:
        # Keys of the document are used every day, by devices and programs: none may change the log.
        raise LogError(LogCode.INVALID_STATE, "The document lists a key that writes the log")
