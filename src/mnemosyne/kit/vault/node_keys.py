"""The keys a node has signed with: a new one takes over from the last, and both say so.

Of an earlier key the public half stays, so that what it signed can be verified, together with the
statement of succession, signed by both keys. Its private half is overwritten.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, LargeBinary, Table, insert, select

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, encode_multikey
from mnemosyne.kit.crypto.signing import BadSignatureError, SigningKey, verify
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import NodeKey, VaultIdentity, vault

FORMAT: Final = "mnemosyne-node-key/1"

node_key = Table(
    "node_key",
    metadata,
    Column("public", LargeBinary(32), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("successor", LargeBinary(32), nullable=False),
    # Of the statement of succession: by this key, and by the one that took over.
    Column("signature", LargeBinary(64), nullable=False),
    Column("accepted", LargeBinary(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Succession:
    """That a key took over from another: 32 bytes each, when, and what both signed."""

    vault_id: Identifier
    previous: bytes
    next: bytes
    at: datetime
    signature: bytes
    accepted: bytes

    @property
    def statement(self) -> bytes:
        """The canonical bytes that both keys signed."""
        return _statement(self.vault_id, self.previous, self.next, self.at)

    def check(self) -> None:
        """Verify both signatures.

        Raises:
            BadSignatureError, BadPublicKeyError
        """
        verify(self.previous, self.signature, self.statement)
        verify(self.next, self.accepted, self.statement)

    def document(self) -> dict[str, str]:
        """Return it as JSON values, as a ledger or anybody else may carry it."""
        return {
            "previous": encode_multikey(self.previous),
            "next": encode_multikey(self.next),
            "at": self.at.isoformat(timespec="microseconds"),
            "signature": base64.b64encode(self.signature).decode("ascii"),
            "accepted": base64.b64encode(self.accepted).decode("ascii"),
        }


@dataclass(frozen=True, slots=True)
class EarlierKey:
    """A public half the node signed with, from when to when, and what took its place."""

    public: bytes
    since: datetime
    until: datetime
    succession: Succession


def rotate(tx: Connection, at: datetime) -> Succession:
    """Let a new key sign for this node and delete the private half of the one until now.

    Raises:
        VaultUnfinishedError: the vault has no name yet.
    """
    known = identity.load(tx)
    new = NodeKey(SigningKey.generate())
    before = earlier(tx)
    old = known.node_key.public
    statement = _statement(known.vault_id, old, new.public, at)
    made = Succession(
        known.vault_id, old, new.public, at, known.node_key.sign(statement), new.sign(statement)
    )
    _add(tx, [EarlierKey(old, before[-1].until if before else known.created_at, at, made)])
    new.become_that_of(tx)  # what stood there is overwritten: secure_delete is on
    return made


def earlier(tx: Connection) -> tuple[EarlierKey, ...]:
    """Return the keys that sign no more, the oldest first."""
    name = select(vault.c.vault_id).scalar_subquery()
    rows = tx.execute(select(node_key, name.label("vault_id")).order_by(node_key.c.until))
    return tuple(
        EarlierKey(
            bytes(row.public),
            row.since,
            row.until,
            Succession(
                row.vault_id,
                bytes(row.public),
                bytes(row.successor),
                row.until,
                bytes(row.signature),
                bytes(row.accepted),
            ),
        )
        for row in rows
    )


def publics(tx: Connection) -> tuple[bytes, ...]:
    """Return every public half this vault has signed with, the oldest first, today's last.

    A row is believed when both keys signed its succession and a chain of them leads to today's key.

    Raises:
        VaultUnfinishedError: the vault has no name yet.
    """
    found = [identity.load(tx).node_key.public]
    for each in reversed(earlier(tx)):
        if each.succession.next in found and _is_sound(each.succession):
            found.append(each.public)
    return tuple(reversed(found))


def _is_sound(succession: Succession) -> bool:
    try:
        succession.check()
    except (BadSignatureError, BadPublicKeyError):
        return False
    return True


def continue_as(tx: Connection, live: VaultIdentity, keys: Sequence[EarlierKey]) -> None:
    """Go on with the key of the vault that this one replaces, which is the same vault, newer."""
    known = {each.public for each in earlier(tx)}
    _add(tx, [each for each in keys if each.public not in known])
    live.node_key.become_that_of(tx)


def reached(trusted: Iterable[bytes], successions: Iterable[Succession]) -> frozenset[bytes]:
    """Return the keys to which a chain of successions leads from those that are trusted.

    Raises:
        BadSignatureError, BadPublicKeyError: a succession was not signed by its keys.
    """
    found = set(trusted)
    for each in successions:  # they are kept in their order
        each.check()
        if each.previous in found:
            found.add(each.next)
    return frozenset(found)


def _add(tx: Connection, keys: Sequence[EarlierKey]) -> None:
    if keys:
        tx.execute(
            insert(node_key),
            [
                {
                    "public": each.public,
                    "since": each.since,
                    "until": each.until,
                    "successor": each.succession.next,
                    "signature": each.succession.signature,
                    "accepted": each.succession.accepted,
                }
                for each in keys
            ],
        )


def _statement(vault_id: Identifier, previous: bytes, following: bytes, at: datetime) -> bytes:
    return canonical_json(
        {
            "format": FORMAT,
            "vault_id": vault_id,
            "previous": encode_multikey(previous),
            "next": encode_multikey(following),
            "at": at.isoformat(timespec="microseconds"),
        }
    )
