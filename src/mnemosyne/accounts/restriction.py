"""Restriction of processing (GDPR Art. 18): what is stored stays, and nothing is done with it.

A restricted person reads, lists, exports and erases, and lifts the restriction. Nothing is
captured, changed, searched or worked out for them; work that waits goes on when it is lifted.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
)

from mnemosyne.accounts import store
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.store import person
from mnemosyne.kit.database import UtcDateTime, metadata
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier

restriction = Table(
    "restriction",
    metadata,
    Column("owner", String(32), ForeignKey("person.id"), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

RESTRICTED_OWNERS: Final = select(restriction.c.owner)
"""Whose work waits, as a subquery."""
_SINCE: Final = select(restriction.c.since).where(restriction.c.owner == bindparam("whose"))
_HERE: Final = (
    select(person.c.id, restriction.c.since)
    .select_from(person.outerjoin(restriction, restriction.c.owner == bindparam("whose")))
    .where(person.c.id == bindparam("whose"))
)


class ProcessingRestrictedError(MnemosyneError):
    """The person has restricted the processing of what is theirs."""

    code = "processing-restricted"

    def __init__(self, since: datetime) -> None:
        super().__init__(
            "the processing of what is yours is restricted",
            why=f"You restricted it on {since:%Y-%m-%d}: everything stays stored, and can be read, "
            "exported and erased, but nothing is captured, changed or searched.",
            hint="Lift the restriction first: `mnemosyne account unrestrict`, or in a browser on "
            "your account page.",
        )
        self.since = since


def since(tx: Connection, owner: Identifier) -> datetime | None:
    """Return since when the processing of ``owner`` is restricted, or None."""
    found = tx.execute(_SINCE, {"whose": owner}).scalar()
    return found if isinstance(found, datetime) else None


def require_unrestricted(tx: Connection, owner: Identifier) -> None:
    """Refuse what a restricted person does not want done, and all for whoever is not here.

    Raises:
        ProcessingRestrictedError: the processing of ``owner`` is restricted.
        NotSignedInError: they were erased while this was under way.
    """
    found = tx.execute(_HERE, {"whose": owner}).one_or_none()
    if found is None:
        raise NotSignedInError
    if found.since is not None:
        raise ProcessingRestrictedError(found.since)


def processed(tx: Connection, owner: Identifier) -> bool:
    """Whether somebody is on this node and lets what is theirs be worked on."""
    return store.get(tx, owner) is not None and since(tx, owner) is None


def restrict(tx: Connection, owner: Identifier, at: datetime) -> bool:
    """Restrict the processing of ``owner``; return whether it was not yet."""
    if since(tx, owner) is not None:
        return False
    tx.execute(insert(restriction).values(owner=owner, since=at))
    return True


def lift(tx: Connection, owner: Identifier) -> bool:
    """Let processing go on; return whether it was restricted."""
    return tx.execute(delete(restriction).where(restriction.c.owner == owner)).rowcount > 0
