"""What a restore would take away: what the vault here holds and its backup does not."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, inspect, select

from mnemosyne.accounts import store as accounts
from mnemosyne.contacts.store import contact
from mnemosyne.identity.store import did, did_entry
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.model import DomainSource
from mnemosyne.memories.store.tables import memory, memory_domain, memory_tag

# What a person can change of a memory; what rules find and what reading leaves is no loss.
_SAID: Final = (
    memory.c.version,
    memory.c.updated_at,
    memory.c.valid_from,
    memory.c.valid_to,
    memory.c.ended_at,
    memory.c.importance_override,
    memory.c.pin,
    memory.c.never_share,
    memory.c.deleted_at,
)
_OWNER: Final[BindParameter[str]] = bindparam("owner")
_MEMORIES: Final = select(memory.c.id, *_SAID).where(memory.c.owner == _OWNER)
_TAGS: Final = select(memory_tag.c.memory_id, memory_tag.c.tag).where(memory_tag.c.owner == _OWNER)
_DOMAINS: Final = select(
    memory_domain.c.memory_id, memory_domain.c.domain, memory_domain.c.weight
).where(memory_domain.c.owner == _OWNER, memory_domain.c.source == DomainSource.USER)
_OWN_ENTRIES: Final = (
    select(did_entry.c.version_id)
    .join(did, (did.c.owner == did_entry.c.owner) & (did.c.did == did_entry.c.did))
    .where(did_entry.c.owner == _OWNER)
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What people have put into a vault: memories and how they stand, contacts, DID entries.

    ``people`` are those who have an account there.
    """

    memories: Mapping[str, Hashable]
    contacts: frozenset[str]
    did_entries: frozenset[str]
    people: frozenset[Identifier]


@dataclass(frozen=True, slots=True)
class Loss:
    """How much the vault here holds that its backup does not."""

    memories: int = 0
    changes: int = 0
    contacts: int = 0
    did_entries: int = 0
    people: int = 0

    def __bool__(self) -> bool:
        """Return whether anything would be gone."""
        return any((self.memories, self.changes, self.contacts, self.did_entries, self.people))

    def __str__(self) -> str:
        """Return it in words: “1 memory and 2 DID entries”."""
        parts = list(self._parts())
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

    def _parts(self) -> Iterator[str]:
        for number, one, several in (
            (self.memories, "memory", "memories"),
            (self.changes, "change of a memory", "changed memories"),
            (self.contacts, "person you know", "people you know"),
            (self.did_entries, "DID entry", "DID entries"),
            (self.people, "person of this node", "people of this node"),
        ):
            if number:
                yield f"{number:,} {one if number == 1 else several}"


def holdings(tx: Connection) -> Holdings:
    """Return what people have put into a vault, of this or an earlier version."""
    tables = set(inspect(tx).get_table_names())
    memories: dict[str, Hashable] = {}
    contacts: set[str] = set()
    entries: set[str] = set()
    people = accounts.everybody(tx)
    for owner in people:
        if memory.name in tables:
            memories.update(_memories(tx, owner))
        if contact.name in tables:
            contacts.update(tx.scalars(select(contact.c.id).where(contact.c.owner == owner)))
        if did.name in tables:
            entries.update(tx.scalars(_OWN_ENTRIES, {"owner": owner}))
    return Holdings(memories, frozenset(contacts), frozenset(entries), frozenset(people))


def _memories(tx: Connection, owner: Identifier) -> Iterator[tuple[str, Hashable]]:
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for reference, label in (*tx.execute(_TAGS, {"owner": owner}), *_said_domains(tx, owner)):
        labels[reference].add(label)
    for reference, *values in tx.execute(_MEMORIES, {"owner": owner}):
        yield reference, (tuple(values), frozenset(labels[reference]))


def _said_domains(tx: Connection, owner: Identifier) -> Iterator[tuple[str, str]]:
    for reference, domain, weight in tx.execute(_DOMAINS, {"owner": owner}):
        yield reference, f"{domain} {weight}, as a domain"


def lost(here: Holdings, backup: Holdings) -> Loss:
    """Return how much of ``here`` is not in ``backup``."""
    new = here.memories.keys() - backup.memories.keys()
    both = here.memories.keys() & backup.memories.keys()
    return Loss(
        memories=len(new),
        changes=sum(here.memories[each] != backup.memories[each] for each in both),
        contacts=len(here.contacts - backup.contacts),
        did_entries=len(here.did_entries - backup.did_entries),
        people=len(here.people - backup.people),
    )
