"""The private keys of people, inside the encrypted file. They sign here and never come out."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Column, Connection, LargeBinary, String, Table, delete, insert, select

from mnemosyne.kit.crypto.multikey import encode_agreement_key, encode_multikey
from mnemosyne.kit.crypto.sealed_signer import sealed_signer
from mnemosyne.kit.crypto.signing import Signer, SigningKey
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier

private_key = Table(
    "private_key",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("public", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("private", LargeBinary(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# Whoever reads an archive must not become its person: no private key stands in one.
KEYRING: Final = Provider(tables=(OwnedTable(private_key, ("public",), kept=Kept.REBUILT),))


class KeyKind(StrEnum):
    """What a key is for."""

    HOT = "hot"
    """Changes the log of a DID."""
    SIGNING = "sig"
    """Signs what a person states."""
    AGREEMENT = "enc"
    """Opens what others seal for a person."""


class KeyMissingError(MnemosyneError):
    """The private half of a key is not in this vault."""

    code = "key-missing"

    def __init__(self, public: str) -> None:
        super().__init__(
            f"the private half of the key {public[:16]}… is not in this vault",
            why="It was made elsewhere or after the backup that this vault comes from, or it was "
            "replaced and deleted.",
            hint="`mnemosyne did recover` makes new keys with the recovery phrase.",
        )
        self.public = public


class Keyring:
    """Makes, uses and deletes the keys of a person, in the transaction of the caller."""

    def generate(self, tx: Connection, owner: Identifier, kind: KeyKind, at: datetime) -> str:
        """Make a key of ``kind`` and return its public half as Multikey."""
        if kind is KeyKind.AGREEMENT:
            pair = X25519PrivateKey.generate()
            private = pair.private_bytes_raw()
            public = encode_agreement_key(pair.public_key().public_bytes_raw())
        else:
            key = SigningKey.generate()
            private, public = key.private, encode_multikey(key.public)
        tx.execute(
            insert(private_key).values(
                owner=owner, public=public, kind=kind.value, private=private, created_at=at
            )
        )
        return public

    def signer(self, tx: Connection, owner: Identifier, public: str) -> Signer:
        """Return what signs with the key whose public half is ``public``.

        Raises:
            KeyMissingError: it is not here, or signs nothing.
        """
        found = tx.execute(
            select(private_key.c.private).where(
                private_key.c.owner == owner,
                private_key.c.public == public,
                private_key.c.kind != KeyKind.AGREEMENT.value,
            )
        ).scalar_one_or_none()
        if found is None:
            raise KeyMissingError(public)
        return sealed_signer(SigningKey(bytes(found)))

    def held(self, tx: Connection, owner: Identifier, kind: KeyKind) -> tuple[str, ...]:
        """Return the public halves of every key of ``kind``, the oldest first."""
        found = tx.execute(
            select(private_key.c.public)
            .where(private_key.c.owner == owner, private_key.c.kind == kind.value)
            .order_by(private_key.c.created_at, private_key.c.public)
        )
        return tuple(found.scalars())

    def forget(self, tx: Connection, owner: Identifier, public: str) -> bool:
        """Delete a key for good; return whether it was there."""
        gone = tx.execute(
            delete(private_key).where(private_key.c.owner == owner, private_key.c.public == public)
        )
        return bool(gone.rowcount)
