"""Apply a ledger: what was erased since a backup goes again, with all that follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.memories.store import erasing, imports, reading
from mnemosyne.memories.store.imports import Imported
from mnemosyne.safekeeping.ledger import Erased

_AT_ONCE = 500


def erase_again(
    tx: Connection, providers: Sequence[DerivedData], entries: Sequence[Erased], at: datetime
) -> int:
    """Remove what ``entries`` name in the caller's transaction; return how many were there.

    An import that follows counts them as erased, though the vault may never have seen them.
    """
    people = set(accounts.everybody(tx))
    by_owner: dict[Identifier, list[Erased]] = defaultdict(list)
    for each in entries:
        if each.owner in people:
            by_owner[each.owner].append(each)
    return sum(_of_owner(tx, providers, owner, listed, at) for owner, listed in by_owner.items())


def _of_owner(
    tx: Connection,
    providers: Sequence[DerivedData],
    owner: Identifier,
    entries: Sequence[Erased],
    at: datetime,
) -> int:
    removed = 0
    for start in range(0, len(entries), _AT_ONCE):
        ids = [each.memory_id for each in entries[start : start + _AT_ONCE]]
        removed += len(reading.by_ids(tx, owner, ids))
        for provider in providers:
            provider.erase(tx, owner, ids)
    since: dict[datetime, list[Identifier]] = defaultdict(list)
    for each in entries:
        since[each.erased_at].append(each.memory_id)
    for erased_at, ids in since.items():
        request = new_id(at)
        erasing.enter(tx, owner, ids, request, erased_at)
        erasing.complete(tx, owner, request, at)
    for source, imported in _imported(entries).items():
        imports.keep_away(tx, owner, source, imported)
    return removed


def _imported(entries: Sequence[Erased]) -> dict[str, list[Imported]]:
    found: dict[str, list[Imported]] = defaultdict(list)
    for entry in entries:
        for each in entry.imports:
            key, text = bytes.fromhex(each.source_key), bytes.fromhex(each.text_hash)
            found[each.source].append(Imported(key, text, entry.memory_id, each.version))
    return found
