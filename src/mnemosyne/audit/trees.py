"""The SQL of the trees: one row for each record, with what it takes to add an entry."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, String, bindparam, column, insert, select, table, update

from mnemosyne.audit import pseudonyms
from mnemosyne.audit.model import RecordGoneError, Tree
from mnemosyne.audit.tables import audit_entry, audit_tree
from mnemosyne.kit.crypto.merkle import HASH_SIZE, Frontier, leaf_hash
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.stored_values import bare

_SALT: Final = 32
_OF_OWNER: Final = select(audit_tree).where(audit_tree.c.owner == bindparam("whose"))
_BEGUN: Final = select(audit_entry.c.seq).where(audit_entry.c.owner == bindparam("whose")).limit(1)
# The table of accounts, which stand above the record: whoever does something has a row in it.
_PERSON: Final = table("person", column("id", String))
_HERE: Final = select(_PERSON.c.id).where(_PERSON.c.id == bindparam("whose"))
_GROWN: Final = (
    update(audit_tree)
    .where(audit_tree.c.owner == bindparam("whose"))
    .values(size=bindparam("leaves"), frontier=bindparam("subtrees"))
)


def find(tx: Connection, owner: Identifier) -> Tree | None:
    """Return the tree of ``owner``; None before their first entry, or where it was damaged."""
    row = tx.execute(_OF_OWNER, {"whose": owner}).one_or_none()
    return _tree(row) if row is not None and _is_whole(row) else None


def ensure(tx: Connection, owner: Identifier, *, giving_up: bool = False) -> Tree:
    """Return the tree of ``owner``; begin one with a fresh salt where there is none.

    One is begun for people of this node alone, or to be given up at once: what somebody had under
    way when they were erased must not bring their name back by an entry. Where somebody removed or
    damaged it, it is laid over the entries again, so that acts go on; verification and the
    checkpoints kept outside tell of it.

    Raises:
        RecordGoneError: there is no record of theirs, and they are not on this node.
    """
    row = tx.execute(_OF_OWNER, {"whose": owner}).one_or_none()
    if row is not None and _is_whole(row):
        return _tree(row)
    frontier = Frontier.of(leaves(tx, owner))
    if row is not None:
        salt = None if row.salt is None else bytes(row.salt)
        return Tree(owner, frontier, row.pseudonym, salt)
    if not (giving_up or frontier.size or _is_here(tx, owner)):
        raise RecordGoneError
    salt = secrets.token_bytes(_SALT)
    name = pseudonyms.of_person(salt, owner)
    begun = {"size": frontier.size, "frontier": frontier.to_bytes(), "pseudonym": name}
    tx.execute(insert(audit_tree).values(owner=owner, salt=salt, **begun))
    return Tree(owner, frontier, name, salt)


def has_begun(tx: Connection, owner: Identifier) -> bool:
    """Say whether ``owner`` has a record; of somebody who was erased it is under another name."""
    return tx.execute(_BEGUN, {"whose": owner}).first() is not None


def grow(tx: Connection, owner: Identifier, frontier: Frontier) -> None:
    """Store the frontier after one more entry."""
    grown = {"leaves": frontier.size, "subtrees": frontier.to_bytes()}
    tx.execute(_GROWN, {"whose": owner, **grown})


def leaves(tx: Connection, owner: Identifier) -> list[bytes]:
    """Return the leaf hashes of ``owner``, in their order."""
    query = select(bare(audit_entry.c.canonical)).where(audit_entry.c.owner == owner)
    stored = tx.execute(query.order_by(audit_entry.c.seq)).scalars()
    return [leaf_hash(each if isinstance(each, bytes) else b"") for each in stored]


def everyone(tx: Connection) -> Sequence[Identifier]:
    """Return whose records there are: people, and the pseudonyms of those that were erased."""
    with_tree = select(audit_tree.c.owner)
    with_entries = select(audit_entry.c.owner).distinct()
    return list(tx.execute(with_tree.union(with_entries).order_by("owner")).scalars())


def _is_here(tx: Connection, owner: Identifier) -> bool:
    return tx.execute(_HERE, {"whose": owner}).first() is not None


def _is_whole(row: Row[Any]) -> bool:
    size, frontier = row.size, row.frontier
    return (
        isinstance(size, int)
        and size >= 0
        and isinstance(frontier, bytes)
        and len(frontier) == size.bit_count() * HASH_SIZE
    )


def _tree(row: Row[Any]) -> Tree:
    salt = None if row.salt is None else bytes(row.salt)
    return Tree(row.owner, Frontier.from_bytes(row.size, row.frontier), row.pseudonym, salt)
