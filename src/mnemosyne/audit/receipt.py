"""A receipt: the signed export of one audit entry, checked with nothing but itself.

It shows the entry, what is left of its details, its place in the tree and the checkpoint that was
signed over the tree; the whole is a Data Integrity proof of the node. Receipts of the first form,
made before there was a tree, carry a bare signature and are still read.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mnemosyne.audit.model import Entry
from mnemosyne.audit.store import payload_hash
from mnemosyne.kit import strict_json
from mnemosyne.kit.canonical_json import NotCanonicalError, canonical_json
from mnemosyne.kit.crypto.data_integrity import did_key_method, verify_document
from mnemosyne.kit.crypto.merkle import includes, leaf_hash
from mnemosyne.kit.crypto.multikey import decode_did_key
from mnemosyne.kit.crypto.signed_note import (
    MalformedNoteError,
    open_note,
    parse_checkpoint,
    text_of,
)
from mnemosyne.kit.crypto.signing import fingerprint, verify
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.strict_json import StrictJsonError

FIRST_FORMAT: Final = "mnemosyne-receipt/1"
FORMAT: Final = "mnemosyne-receipt/2"
_MEMBERS: Final = {"format", "entry", "payload", "salt", "inclusion", "checkpoint", "proof"}
_LARGEST_ENTRY: Final = 64 * 1024
_LONGEST_PATH: Final = 64


class ReceiptPayloadError(MnemosyneError):
    """The payload shown in a receipt is not the one the entry was made for."""

    code = "receipt-payload"

    def __init__(self) -> None:
        super().__init__(
            "the receipt's payload does not match its entry",
            why="The salted hash in the signed entry is of another payload.",
            hint="Ask for the receipt again from the node that made it.",
        )


class MalformedReceiptError(MnemosyneError):
    """A file is no receipt of a node."""

    code = "malformed-receipt"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "this is not a receipt of Mnemosyne",
            why=f"{detail}.",
            hint="Take the file as it was written, without changing it.",
        )


class NotInTreeError(MnemosyneError):
    """A receipt's entry is not in the tree whose checkpoint it shows."""

    code = "receipt-not-in-tree"

    def __init__(self) -> None:
        super().__init__(
            "the entry of this receipt is not in the tree that was signed",
            why="Its path leads to another root than that of the checkpoint beside it.",
            hint="Ask for the receipt again, and run `mnemosyne audit verify` on that node.",
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a receipt proves: an entry of a number, under a key, in the tree of ``note`` if any."""

    seq: int
    canonical: bytes
    key: bytes
    note: str | None


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """What a receipt says, which its signature proves; ``payload`` is None where it was erased.

    ``signer`` is the fingerprint of the key; ``credential`` goes by a pseudonym of that record.
    """

    signer: str
    seq: int
    type: str
    at: datetime
    credential: str
    channel: str
    payload: Mapping[str, object] | None


def unsigned(entry: Entry, path: Sequence[bytes], note: str) -> dict[str, object]:
    """Return the receipt of ``entry`` before its proof; ``path`` leads to the root in ``note``."""
    document: dict[str, object] = {
        "format": FORMAT,
        "entry": _text(entry.canonical),
        "inclusion": [_text(each) for each in path],
        "checkpoint": note,
    }
    if entry.payload is not None and entry.salt is not None:
        document["payload"] = dict(entry.payload)
        document["salt"] = _text(entry.salt)
    return document


def check_payload(entry: Entry) -> None:
    """Refuse an entry whose stored payload is not the one that was hashed.

    Raises:
        ReceiptPayloadError: the two differ.
    """
    if (
        entry.payload is not None
        and entry.salt is not None
        and payload_hash(entry.salt, entry.payload) != entry.payload_hash
    ):
        raise ReceiptPayloadError


def check(document: Mapping[str, Any]) -> Checked:
    """Check a receipt of either form with nothing but itself.

    Raises:
        MalformedReceiptError: it lacks a part or its format.
        BadProofError, BadSignatureError: a byte of it was changed.
        BadPublicKeyError: its key is no sound key.
        NotInTreeError: its entry is not under the root that was signed.
        ReceiptPayloadError: the payload is not the one the entry was made for.
    """
    form = document.get("format")
    if form not in {FIRST_FORMAT, FORMAT}:
        raise MalformedReceiptError("Its format is another one")
    try:
        return _check_first(document) if form == FIRST_FORMAT else _check_second(document)
    except (KeyError, TypeError, ValueError, NotCanonicalError, StrictJsonError) as error:
        raise MalformedReceiptError("A part of it is missing or of another form") from error
    except MalformedNoteError as error:
        raise MalformedReceiptError("The checkpoint in it is none") from error


def prove(document: Mapping[str, Any]) -> ProvenEntry:
    """Check a receipt as ``check`` does, and return what it is about.

    Raises:
        MalformedReceiptError: its entry does not say what was done and when; or as ``check``.
    """
    checked = check(document)
    stated = strict_json.parse(checked.canonical, largest=_LARGEST_ENTRY)
    try:
        return ProvenEntry(
            signer=fingerprint(checked.key),
            seq=checked.seq,
            type=str(stated["type"]),
            at=datetime.fromisoformat(stated["time"]).astimezone(UTC),
            credential=str(stated["credential"]),
            channel=str(stated["channel"]),
            payload=dict(document["payload"]) if "payload" in document else None,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise MalformedReceiptError("Its entry does not say what was done and when") from error


def _check_first(document: Mapping[str, Any]) -> Checked:
    key, signature = (_bytes(document[name]) for name in ("key", "signature"))
    signed = {k: v for k, v in document.items() if k not in {"key", "signature"}}
    verify(key, signature, canonical_json(signed))
    canonical = _bytes(document["entry"])
    return Checked(_checked_entry(canonical, document), canonical, key, None)


def _check_second(document: Mapping[str, Any]) -> Checked:
    if unknown := document.keys() - _MEMBERS:
        raise MalformedReceiptError(f"It has a part that is not known here: {min(unknown)[:40]}")
    method = str(document["proof"]["verificationMethod"])
    key = decode_did_key(method.partition("#")[0])
    if method != did_key_method(key):
        raise MalformedReceiptError("Its proof names no key")
    verify_document(document, document["proof"], key)
    canonical, note = _bytes(document["entry"]), document["checkpoint"]
    seq = _checked_entry(canonical, document)
    head = parse_checkpoint(text_of(note))
    open_note(note, head.origin, [key])
    path = [_bytes(each) for each in document["inclusion"][: _LONGEST_PATH + 1]]
    if not includes(leaf_hash(canonical), seq - 1, head.size, path, head.root):
        raise NotInTreeError
    return Checked(seq, canonical, key, note)


def _checked_entry(canonical: bytes, document: Mapping[str, Any]) -> int:
    """Return the number of an entry whose payload, where one is shown, is its own."""
    stated = strict_json.parse(canonical, largest=_LARGEST_ENTRY)
    seq = stated["seq"]
    if not isinstance(seq, int) or seq < 1 or canonical_json(stated) != canonical:
        raise ValueError("these are not the bytes of an entry")
    if "payload" in document:
        digest = payload_hash(_bytes(document["salt"]), dict(document["payload"])).hex()
        if not hmac.compare_digest(digest, str(stated["payload_hash"])):
            raise ReceiptPayloadError
    return seq


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != text.encode("ascii"):
        # Bits that no byte uses could be changed unseen: one value has one spelling.
        raise ValueError("this base64 is not canonical")
    return data
