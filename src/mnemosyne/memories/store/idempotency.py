"""Idempotency keys: a repeated request repeats its answer, and never its effect."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.errors import IdempotencyConflictError, MemoryErasedError
from mnemosyne.memories.model import Memory
from mnemosyne.memories.store import reading
from mnemosyne.memories.store.tables import idempotency

KEPT = timedelta(days=30)

# Made once: each capture runs all three.
_EARLIER = select(idempotency.c.request_hash, idempotency.c.result_id).where(
    idempotency.c.owner == bindparam("owner"),
    idempotency.c.operation == bindparam("operation"),
    idempotency.c.key == bindparam("key"),
)
_EXPIRED = delete(idempotency).where(
    idempotency.c.owner == bindparam("owner"), idempotency.c.created_at < bindparam("before")
)
_REMEMBER = insert(idempotency)


def earlier(
    tx: Connection, owner: Identifier, operation: str, key: str, request_hash: bytes
) -> Memory | None:
    """Return what the same request created before, or None when the key is new.

    Raises:
        IdempotencyConflictError: the key named another request.
        MemoryErasedError: what it created was forgotten or erased since.
    """
    asked = {"owner": owner, "operation": operation, "key": key}
    row = tx.execute(_EARLIER, asked).one_or_none()
    if row is None:
        return None
    if not hmac.compare_digest(row.request_hash, request_hash):
        raise IdempotencyConflictError(key)
    found = reading.get(tx, owner, row.result_id)
    if found is None or found.in_bin:
        raise MemoryErasedError(row.result_id, "erased" if found is None else "forgotten")
    return found


def remember(
    tx: Connection,
    owner: Identifier,
    operation: str,
    key: str,
    request_hash: bytes,
    result_id: Identifier,
    at: datetime,
) -> None:
    """Keep a key with its request and result for 30 days; drop keys that are older."""
    tx.execute(_EXPIRED, {"owner": owner, "before": at - KEPT})
    tx.execute(
        _REMEMBER,
        {
            "owner": owner,
            "operation": operation,
            "key": key,
            "request_hash": request_hash,
            "result_id": result_id,
            "created_at": at,
        },
    )


def request_hash(salt: bytes, *parts: object) -> bytes:
    """Return HMAC-SHA-256(salt, parts): without the person's salt no guess can be checked."""
    return hmac.digest(salt, repr(parts).encode("utf-8", "surrogatepass"), hashlib.sha256)
