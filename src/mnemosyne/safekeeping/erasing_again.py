"""Apply a ledger: what was erased since a backup goes again, with all that follows from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit import trees
from mnemosyne.audit.giving_up import begin_again
from mnemosyne.audit.model import Act
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.vault import identity
from mnemosyne.memories.store import erasing, imports, reading
from mnemosyne.memories.store.imports import Imported
from mnemosyne.memories.store.tables import memory
from mnemosyne.safekeeping import erased_people
from mnemosyne.safekeeping.erased_people import ErasedPerson
from mnemosyne.safekeeping.ledger import Erased
from mnemosyne.safekeeping.person_removal import remove

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


def erase_people_again(
    tx: Connection, providers: Sequence[DerivedData], gone: Sequence[ErasedPerson], at: datetime
) -> int:
    """Remove those of the people in the vault who were erased since, and remember them all.

    Return how many memories that were. Their record says that it came out of a backup.
    """
    vault_id = identity.load(tx).vault_id
    for each in gone:
        erased_people.add(tx, each)
    memories = 0
    for owner in erased_people.among(accounts.everybody(tx), vault_id, gone):
        removed = remove(tx, providers, owner, at)
        act = Act(removed.gone.pseudonym, "restore", "local", "shell")
        audit.record(tx, act, at, keep_payload=False)
        memories += removed.rows.get(memory.name, 0)
    for each in gone:
        if not trees.has_begun(tx, each.pseudonym):  # the backup is from before they joined
            begin_again(tx, each.pseudonym)
            act = Act(each.pseudonym, "restore", "local", "shell")
            audit.record(tx, act, at, keep_payload=False)
    return memories


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
