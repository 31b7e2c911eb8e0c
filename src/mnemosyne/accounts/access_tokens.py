"""The SQL of personal access tokens: what scripts use in a person's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Scope

access_token = Table(
    "access_token",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), ForeignKey("person.id"), nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A personal access token; its secret was shown once and is kept nowhere."""

    id: Identifier
    owner: Identifier
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


_BY_DIGEST: Final = select(access_token).where(access_token.c.digest == bindparam("secret"))


def add(tx: Connection, token: Token, digest: bytes) -> None:
    """Store a token as the hash of its secret."""
    tx.execute(
        insert(access_token).values(
            id=token.id,
            owner=token.owner,
            name=token.name,
            digest=digest,
            scopes=sorted(scope.value for scope in token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=None,
        )
    )


def by_digest(tx: Connection, digest: bytes) -> Token | None:
    """Return the token whose secret has this hash, expired or not."""
    row = tx.execute(_BY_DIGEST, {"secret": digest}).one_or_none()
    return None if row is None else _token(row)


def of_owner(tx: Connection, owner: Identifier) -> Sequence[Token]:
    """Return the tokens of ``owner``, the newest first."""
    rows = tx.execute(
        select(access_token).where(access_token.c.owner == owner).order_by(access_token.c.id.desc())
    )
    return [_token(row) for row in rows]


def used(tx: Connection, token: Token, at: datetime) -> None:
    """Note when a token was used last; one that was revoked meanwhile stays away."""
    tx.execute(
        update(access_token)
        .where(access_token.c.owner == token.owner, access_token.c.id == token.id)
        .values(last_used_at=at)
    )


def remove(tx: Connection, owner: Identifier, token_id: Identifier) -> bool:
    """Take a token of ``owner`` away; return whether it was there."""
    gone = tx.execute(
        delete(access_token).where(access_token.c.owner == owner, access_token.c.id == token_id)
    )
    return gone.rowcount > 0


def _token(row: Row[Any]) -> Token:
    scopes = frozenset(map(Scope, row.scopes))
    return Token(
        row.id, row.owner, row.name, scopes, row.created_at, row.expires_at, row.last_used_at
    )
