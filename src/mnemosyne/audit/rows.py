"""Read records as they are stored, without believing a column: for examination alone."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import NullType

from mnemosyne.audit.examination import StoredEntry, StoredTree
from mnemosyne.audit.tables import audit_entry, audit_payload, audit_tree
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.stored_values import bare

PAGE: Final = 5_000
_ENTRY: Final = ("seq", "type", "at", "canonical", "payload_hash", "head")
_DETAILS: Final = ("subject", "salt", "payload")


def tree(tx: Connection, owner: Identifier) -> StoredTree | None:
    """Return the row of the tree of ``owner``."""
    columns = [bare(audit_tree.c[name]) for name in ("size", "frontier", "pseudonym", "salt")]
    row = tx.execute(select(*columns).where(audit_tree.c.owner == owner)).one_or_none()
    return None if row is None else StoredTree(owner, *row)


def page(tx: Connection, owner: Identifier, after: object) -> Sequence[StoredEntry]:
    """Return the next entries of ``owner`` after a number, or the first ones after None."""
    entry, details = audit_entry.c, audit_payload.c
    columns = [bare(entry[name]) for name in _ENTRY] + [bare(details[name]) for name in _DETAILS]
    joined = audit_entry.outerjoin(
        audit_payload, (details.owner == entry.owner) & (details.seq == entry.seq)
    )
    query = select(*columns).select_from(joined).where(entry.owner == owner)
    if after is not None:
        query = query.where(bare(entry.seq) > bindparam("after", after, NullType()))
    return [StoredEntry(*row) for row in tx.execute(query.order_by(entry.seq).limit(PAGE))]


def strays(tx: Connection, owner: Identifier) -> list[int]:
    """Return the numbers of details that belong to no entry."""
    entries = select(audit_entry.c.seq).where(audit_entry.c.owner == owner)
    query = select(audit_payload.c.seq).where(
        audit_payload.c.owner == owner, audit_payload.c.seq.not_in(entries)
    )
    return sorted(number for number in tx.execute(query).scalars() if isinstance(number, int))
