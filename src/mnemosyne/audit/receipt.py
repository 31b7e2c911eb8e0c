"""A receipt: the signed export of one audit entry, checked with nothing but itself."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mnemosyne.audit.model import Entry
from mnemosyne.audit.store import payload_hash
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.errors import MnemosyneError

FORMAT: Final = "mnemosyne-receipt/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The document that is signed: an entry's canonical bytes, its payload and the salt of it."""

    document: Mapping[str, object]

    def signing_input(self) -> bytes:
        """Return the canonical bytes that the node signs."""
        return canonical_json(self.document)


class ReceiptPayloadError(MnemosyneError):
    """The payload shown in a receipt is not the one the entry was made for."""

    code = "receipt-payload"

    def __init__(self) -> None:
        super().__init__(
            "the receipt's payload does not match its entry",
            why="The salted hash in the signed entry is of another payload.",
            hint="Ask for the receipt again from the node that made it.",
        )


def make_receipt(entry: Entry, extra: Mapping[str, object]) -> Receipt:
    """Return the unsigned receipt of ``entry``; ``extra`` states facts of the moment of export."""
    document: dict[str, object] = {
        "format": FORMAT,
        "entry": base64.b64encode(entry.canonical).decode("ascii"),
        "facts": dict(extra),
    }
    if entry.payload is not None and entry.salt is not None:
        document["payload"] = dict(entry.payload)
        document["salt"] = base64.b64encode(entry.salt).decode("ascii")
    return Receipt(document)


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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a receipt shows: the entry's canonical bytes, and its payload unless that was erased."""

    canonical: bytes
    payload: Mapping[str, Any] | None
    salt: bytes


def shown(document: Mapping[str, Any]) -> Shown:
    """Read the parts of a receipt.

    Raises:
        KeyError, TypeError, ValueError: a part is missing or of another form.
    """
    canonical = base64.b64decode(document["entry"], validate=True)
    if "payload" not in document:
        return Shown(canonical, None, b"")
    salt = base64.b64decode(document["salt"], validate=True)
    return Shown(canonical, dict(document["payload"]), salt)


def check_shown(parts: Shown) -> None:
    """Refuse a receipt whose payload is not the one that its entry was made for.

    Raises:
        ReceiptPayloadError: the salted hash in the entry is of another payload.
        ValueError, KeyError: the entry is no canonical entry.
    """
    if parts.payload is None:
        return
    stated = str(json.loads(parts.canonical)["payload_hash"])
    if not hmac.compare_digest(payload_hash(parts.salt, parts.payload).hex(), stated):
        raise ReceiptPayloadError
