"""What the audit keeps of a person: entries stay, what they say of an erased memory goes."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from mnemosyne.audit.store import forget_subject
from mnemosyne.audit.tables import audit_entry, audit_payload, audit_tree
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider
from mnemosyne.kit.ids import Identifier


def _preview(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> dict[str, int]:
    count = tx.execute(
        select(func.count())
        .select_from(audit_payload)
        .where(audit_payload.c.owner == owner, audit_payload.c.subject.in_(ids))
    ).scalar_one()
    return {"details in the audit": count} if count else {}


def _erase(tx: Connection, owner: Identifier, ids: Sequence[Identifier]) -> None:
    for memory_id in ids:
        forget_subject(tx, owner, memory_id)


AUDIT = Provider(
    tables=(
        # The numbers belong to the node that gave them, so another vault shows and keeps its own.
        OwnedTable(audit_entry, ("seq",), kept=Kept.SHOWN),
        OwnedTable(audit_payload, ("seq",), kept=Kept.SHOWN),
        # Its salt would tell the reader of an archive who is meant by pseudonyms elsewhere.
        OwnedTable(audit_tree, ("owner",), kept=Kept.REBUILT),
    ),
    preview=_preview,
    erase=_erase,
)
