"""Give a record up: of an erased person stay the entries, under a name that nothing links."""

from sqlalchemy import Connection, delete, insert, update

from mnemosyne.audit import trees
from mnemosyne.audit.tables import audit_entry, audit_payload, audit_tree
from mnemosyne.kit.ids import Identifier


def give_up(tx: Connection, owner: Identifier, name: str = "") -> str:
    """Remove details and salt of a record and return the pseudonym it goes by from now on.

    It is ``name``, or else the one by which checkpoints call it. The canonical bytes stay as they
    are, so checkpoints and receipts made before still verify.
    """
    tree = trees.ensure(tx, owner, giving_up=True)
    pseudonym = name or tree.pseudonym
    tx.execute(delete(audit_payload).where(audit_payload.c.owner == owner))
    tx.execute(update(audit_entry).where(audit_entry.c.owner == owner).values(owner=pseudonym))
    tx.execute(
        update(audit_tree)
        .where(audit_tree.c.owner == owner)
        .values(owner=pseudonym, pseudonym=pseudonym, salt=None)
    )
    return pseudonym


def begin_again(tx: Connection, pseudonym: str) -> None:
    """Begin the record of an erased person that a restored backup does not hold."""
    empty = {"size": 0, "frontier": b"", "pseudonym": pseudonym, "salt": None}
    tx.execute(insert(audit_tree).values(owner=pseudonym, **empty))
