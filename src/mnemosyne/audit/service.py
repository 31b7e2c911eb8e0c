"""Read the record of acts, and hand out receipts that anyone can check."""

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from mnemosyne.audit import receipt as receipts
from mnemosyne.audit import store
from mnemosyne.audit.model import Entry
from mnemosyne.kit.canonical_json import NotCanonicalError
from mnemosyne.kit.crypto.signing import fingerprint, verify
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope


class Signer(Protocol):
    """The key of the node, which signs and does not come out."""

    @property
    def public(self) -> bytes:
        """Return the 32 bytes of the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of ``message``."""
        ...


class EntryNotFoundError(MnemosyneError):
    """The person's record has no entry of that number."""

    code = "entry-not-found"

    def __init__(self, seq: int) -> None:
        super().__init__(
            f"your record has no entry {seq}",
            hint="Erase, backup and restore print the number of theirs.",
        )
        self.seq = seq


class MalformedReceiptError(MnemosyneError):
    """A file is no receipt of a node."""

    code = "malformed-receipt"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "this is not a receipt of Mnemosyne",
            why=f"{detail}.",
            hint="Take the file as it was written, without changing it.",
        )


class Audit:
    """The acts of a person on this node."""

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer

    async def entries(
        self, principal: Principal, *, before: int | None = None, limit: int = 50
    ) -> list[Entry]:
        """Return the newest acts, newest first."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(
            lambda tx: store.entries(tx, principal.person, before=before, limit=limit)
        )

    async def receipt(self, principal: Principal, seq: int) -> dict[str, Any]:
        """Return the signed export of one entry.

        Raises:
            EntryNotFoundError: there is no such entry.
            ReceiptPayloadError: what is stored beside it is not what was recorded.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        entry = await self._database.read(lambda tx: store.entry(tx, principal.person, seq))
        if entry is None:
            raise EntryNotFoundError(seq)
        receipts.check_payload(entry)
        unsigned = receipts.make_receipt(entry, {})
        return {
            **unsigned.document,
            "key": base64.b64encode(self._signer.public).decode("ascii"),
            "signature": base64.b64encode(self._signer.sign(unsigned.signing_input())).decode(
                "ascii"
            ),
        }


def verify_receipt(document: Mapping[str, Any]) -> str:
    """Check a receipt with nothing but itself; return the fingerprint of the key that signed it.

    Raises:
        MalformedReceiptError: it lacks its key, its signature or its format.
        BadSignatureError: a byte of it was changed.
        BadPublicKeyError: its key is no sound key.
        ReceiptPayloadError: the payload is not the one the entry was made for.
    """
    if document.get("format") != receipts.FORMAT:
        raise MalformedReceiptError("Its format is another one")
    try:
        key, signature = (_bytes(document[name]) for name in ("key", "signature"))
        signed = {k: v for k, v in document.items() if k not in {"key", "signature"}}
        verify(key, signature, receipts.Receipt(signed).signing_input())
        receipts.check_shown(receipts.shown(signed))
    except (KeyError, TypeError, ValueError, NotCanonicalError) as error:
        raise MalformedReceiptError("A part of it is missing or of another form") from error
    return fingerprint(key)


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != text.encode("ascii"):
        # Bits that no byte uses could be changed unseen: one value has one spelling.
        raise ValueError("this base64 is not canonical")
    return data
