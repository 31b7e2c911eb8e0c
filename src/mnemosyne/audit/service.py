"""Use cases of the record: look, sign its head, hand out receipts, tell who read what."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from mnemosyne.audit import checkpoints, export, receipt, store, trees
from mnemosyne.audit.model import Entry, Tree
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.data_integrity import did_key_method, sign_document
from mnemosyne.kit.crypto.merkle import Frontier, inclusion_proof
from mnemosyne.kit.crypto.signed_note import Checkpoint
from mnemosyne.kit.crypto.signing import Signer, fingerprint
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity


class EntryNotFoundError(MnemosyneError):
    """The person's record has no entry of that number."""

    code = "entry-not-found"

    def __init__(self, seq: int) -> None:
        super().__init__(
            f"your record has no entry {seq}",
            hint="`mnemosyne audit log` shows the entries and their numbers.",
        )
        self.seq = seq


class RecordDamagedError(MnemosyneError):
    """The entries cannot be read, or do not give the tree beside them: nothing is signed."""

    code = "record-damaged"

    def __init__(self) -> None:
        super().__init__(
            "this record was changed, so it is neither shown nor signed",
            why="An entry cannot be read, or the entries are not those of their tree.",
            hint="`mnemosyne audit verify FILE…` names the first bad entry.",
        )


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint: the signed note, what it says, and the leaf hashes under it."""

    note: str
    head: Checkpoint
    leaves: Sequence[bytes]
    key: bytes


class Audit:
    """The acts of a person on this node."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def entries(
        self,
        principal: Principal,
        *,
        before: int | None = None,
        limit: int = 50,
        reads: bool = False,
    ) -> list[Entry]:
        """Return the newest acts, newest first, and with ``reads`` what was read as well."""
        principal.require(Scope.ACCOUNT_MANAGE)
        owner = principal.person

        def read(tx: Connection) -> list[Entry]:
            with _believed():
                found = store.entries(tx, owner, before=before, limit=limit, reads=reads)
                for each in found:
                    each.stated()  # is it one still?
                return found

        return await self._database.read(read)

    async def checkpoint(self, principal: Principal) -> SignedHead:
        """Return the head of the record, signed, to be kept outside of the vault.

        Raises:
            RecordDamagedError: entries and tree contradict each other.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(lambda tx: signed_head(tx, principal.person))

    async def receipt(self, principal: Principal, seq: int) -> dict[str, Any]:
        """Return the signed export of one entry.

        Raises:
            EntryNotFoundError: there is no such entry.
            ReceiptPayloadError: what is stored beside it is not what was recorded.
            RecordDamagedError: entries and tree contradict each other.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def read(tx: Connection) -> dict[str, Any]:
            with _believed():
                entry = store.entry(tx, principal.person, seq)
            if entry is None:
                raise EntryNotFoundError(seq)
            return receipt_of(tx, entry, self._clock)

        return await self._database.read(read)

    async def export(self, principal: Principal) -> Sequence[bytes]:
        """Return the whole record as lines that anybody can check without this program.

        Raises:
            RecordDamagedError: entries and tree contradict each other.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def read(tx: Connection) -> Sequence[bytes]:
            signed = signed_head(tx, principal.person)
            with _believed():
                newest_first = store.entries(tx, principal.person, limit=signed.head.size)
                return list(export.lines(signed.note, reversed(newest_first)))

        return await self._database.read(read)


@contextmanager
def _believed() -> Iterator[None]:
    """Tell of a row that is none any more, rather than stumble over it.

    Raises:
        RecordDamagedError: what stands in it cannot be read.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordDamagedError from error


def signed_head(tx: Connection, owner: str) -> SignedHead:
    """Sign the head of a record, once its entries are those of its tree.

    Raises:
        RecordDamagedError: they are not.
    """
    vault = identity.load(tx)
    tree, leaves = _whole(tx, owner)
    origin = checkpoints.origin_of(vault.vault_id, tree.pseudonym)
    head = Checkpoint(origin, len(leaves), tree.frontier.root())
    return SignedHead(checkpoints.signed(head, vault.node_key), head, leaves, vault.node_key.public)


def receipt_of(tx: Connection, entry: Entry, clock: Clock) -> dict[str, Any]:
    """Return the receipt of an entry, signed with the key of the node.

    Raises:
        ReceiptPayloadError: its payload is not its own.
        RecordDamagedError: entries and tree contradict each other.
    """
    receipt.check_payload(entry)
    signed = signed_head(tx, entry.owner)
    path = inclusion_proof(signed.leaves, entry.seq - 1)
    document: dict[str, Any] = receipt.unsigned(entry, path, signed.note)
    signer: Signer = identity.load(tx).node_key
    method = did_key_method(signer.public)
    proof = sign_document(document, signer, verification_method=method, created=clock())
    return {**document, "proof": proof}


def verify_receipt(document: Mapping[str, Any]) -> str:
    """Check a receipt with nothing but itself; return the fingerprint of the key that signed it.

    Raises:
        MalformedReceiptError, BadProofError, BadSignatureError, BadPublicKeyError, NotInTreeError,
        ReceiptPayloadError: as ``receipt.check``.
    """
    return fingerprint(receipt.check(document).key)


def _whole(tx: Connection, owner: str) -> tuple[Tree, list[bytes]]:
    tree, leaves = trees.find(tx, owner), trees.leaves(tx, owner)
    if tree is None or Frontier.of(leaves) != tree.frontier:
        raise RecordDamagedError
    return tree, leaves
