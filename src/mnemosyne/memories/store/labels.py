"""Tags, domains, names and links of memories."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from mnemosyne.contacts.store import folded_name
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.model import DomainSource, MemoryDomain
from mnemosyne.memories.store.tables import (
    memory,
    memory_domain,
    memory_link,
    memory_mention,
    memory_tag,
)

SUPERSEDES = "supersedes"
NOTE_LINK = "note"

# Made once, for enrichment runs them after each capture.
_DOMAINS_OF_THESE = (
    memory_domain.c.owner == bindparam("owner"),
    memory_domain.c.memory_id.in_(bindparam("ids", expanding=True)),
)
_DERIVED = delete(memory_domain).where(
    *_DOMAINS_OF_THESE, memory_domain.c.source != DomainSource.USER
)
_DOMAINS = select(memory_domain.c.memory_id, memory_domain.c.domain).where(*_DOMAINS_OF_THESE)
_MENTIONS = delete(memory_mention).where(
    memory_mention.c.owner == bindparam("owner"),
    memory_mention.c.memory_id.in_(bindparam("ids", expanding=True)),
)


def add_tags(tx: Connection, owner: Identifier, pairs: Iterable[tuple[Identifier, str]]) -> None:
    """Store tags as pairs of memory and tag; the memories must not have them yet."""
    if rows := [{"owner": owner, "memory_id": m, "tag": tag} for m, tag in pairs]:
        tx.execute(insert(memory_tag), rows)


def remove_tags(
    tx: Connection, owner: Identifier, memory_id: Identifier, tags: Sequence[str]
) -> None:
    """Remove tags from a memory."""
    tx.execute(
        delete(memory_tag).where(
            memory_tag.c.owner == owner,
            memory_tag.c.memory_id == memory_id,
            memory_tag.c.tag.in_(tags),
        )
    )


# Made once: every page of hits runs both.
_TAGS = (
    select(memory_tag.c.memory_id, memory_tag.c.tag)
    .where(
        memory_tag.c.owner == bindparam("owner"),
        memory_tag.c.memory_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(memory_tag.c.tag)
)
_SHOWN_DOMAINS = (
    select(memory_domain)
    .where(
        memory_domain.c.owner == bindparam("owner"),
        memory_domain.c.memory_id.in_(bindparam("ids", expanding=True)),
        memory_domain.c.suppressed.is_(False),
    )
    .order_by(memory_domain.c.weight.desc(), memory_domain.c.domain)
)


def tags_of(
    tx: Connection, owner: Identifier, ids: Sequence[Identifier]
) -> dict[Identifier, tuple[str, ...]]:
    """Return the tags of memories, sorted."""
    found: dict[Identifier, list[str]] = defaultdict(list)
    for row in tx.execute(_TAGS, {"owner": owner, "ids": list(ids)}):
        found[row.memory_id].append(row.tag)
    return {memory_id: tuple(tags) for memory_id, tags in found.items()}


def tag_counts(tx: Connection, owner: Identifier) -> list[tuple[str, int]]:
    """Return every tag of ``owner`` outside the bin with how many memories carry it."""
    count = func.count()
    rows = tx.execute(
        select(memory_tag.c.tag, count)
        .join(memory, (memory.c.id == memory_tag.c.memory_id) & (memory.c.owner == owner))
        .where(memory_tag.c.owner == owner, memory.c.deleted_at.is_(None))
        .group_by(memory_tag.c.tag)
        .order_by(count.desc(), memory_tag.c.tag)
    )
    return [(tag, number) for tag, number in rows]


def set_domain(
    tx: Connection, owner: Identifier, memory_id: Identifier, domain: MemoryDomain
) -> None:
    """Store one domain of a memory, in place of what was said about it before."""
    tx.execute(
        delete(memory_domain).where(
            memory_domain.c.owner == owner,
            memory_domain.c.memory_id == memory_id,
            memory_domain.c.domain == domain.name,
        )
    )
    tx.execute(insert(memory_domain).values(_domain_row(owner, memory_id, domain)))


def add_domains(
    tx: Connection,
    owner: Identifier,
    found: Iterable[tuple[Identifier, MemoryDomain]],
) -> None:
    """Store domains of memories that have none yet."""
    if rows := [_domain_row(owner, memory_id, domain) for memory_id, domain in found]:
        tx.execute(insert(memory_domain), rows)


def _domain_row(
    owner: Identifier, memory_id: Identifier, domain: MemoryDomain
) -> dict[str, object]:
    return {
        "owner": owner,
        "memory_id": memory_id,
        "domain": domain.name,
        "weight": domain.weight,
        "source": domain.source,
        "confidence": domain.confidence,
        "suppressed": False,
    }


def suppress_domain(tx: Connection, owner: Identifier, memory_id: Identifier, name: str) -> None:
    """Remember that the person does not see this domain in a memory: no rule brings it back."""
    gone = MemoryDomain(name, 0.0, DomainSource.USER, 1.0)
    set_domain(tx, owner, memory_id, gone)
    tx.execute(
        update(memory_domain)
        .where(
            memory_domain.c.owner == owner,
            memory_domain.c.memory_id == memory_id,
            memory_domain.c.domain == name,
        )
        .values(suppressed=True)
    )


def replace_derived_domains(
    tx: Connection, owner: Identifier, found: dict[Identifier, Sequence[MemoryDomain]]
) -> None:
    """Store what rules found, without touching what the person set or removed."""
    those = {"owner": owner, "ids": list(found)}
    tx.execute(_DERIVED, those)
    kept = {(row.memory_id, row.domain) for row in tx.execute(_DOMAINS, those)}
    add_domains(
        tx,
        owner,
        [
            (memory_id, domain)
            for memory_id, domains in found.items()
            for domain in domains
            if (memory_id, domain.name) not in kept
        ],
    )


def domains_of(
    tx: Connection, owner: Identifier, ids: Sequence[Identifier]
) -> dict[Identifier, tuple[MemoryDomain, ...]]:
    """Return the domains of memories, the weightiest first."""
    found: dict[Identifier, list[MemoryDomain]] = defaultdict(list)
    for row in tx.execute(_SHOWN_DOMAINS, {"owner": owner, "ids": list(ids)}):
        found[row.memory_id].append(
            MemoryDomain(row.domain, row.weight, DomainSource(row.source), row.confidence)
        )
    return {memory_id: tuple(domains) for memory_id, domains in found.items()}


def replace_mentions(
    tx: Connection, owner: Identifier, found: dict[Identifier, Sequence[str]]
) -> None:
    """Store which known names stand in these memories."""
    tx.execute(_MENTIONS, {"owner": owner, "ids": list(found)})
    rows = [
        {"owner": owner, "memory_id": memory_id, "name": name}
        for memory_id, names in found.items()
        for name in dict.fromkeys(map(folded_name, names))
    ]
    if rows:
        tx.execute(insert(memory_mention), rows)


def add_links(
    tx: Connection, owner: Identifier, links: Iterable[tuple[Identifier, str, str]]
) -> None:
    """Store links as (memory, kind, target)."""
    rows = [
        {"owner": owner, "memory_id": memory_id, "kind": kind, "target": target}
        for memory_id, kind, target in dict.fromkeys(links)
    ]
    if rows:
        tx.execute(insert(memory_link), rows)


def links_of(tx: Connection, owner: Identifier, memory_id: Identifier) -> list[tuple[str, str]]:
    """Return kind and target of every link of a memory."""
    rows = tx.execute(
        select(memory_link.c.kind, memory_link.c.target)
        .where(memory_link.c.owner == owner, memory_link.c.memory_id == memory_id)
        .order_by(memory_link.c.kind, memory_link.c.target)
    )
    return [(kind, target) for kind, target in rows]


def remove_links(tx: Connection, owner: Identifier, kind: str, memory_id: Identifier) -> None:
    """Remove every link of a kind that starts at a memory."""
    tx.execute(
        delete(memory_link).where(
            memory_link.c.owner == owner,
            memory_link.c.kind == kind,
            memory_link.c.memory_id == memory_id,
        )
    )


def remove_links_to(tx: Connection, owner: Identifier, kind: str, target: str) -> None:
    """Remove every link of a kind that points to ``target``."""
    tx.execute(
        delete(memory_link).where(
            memory_link.c.owner == owner,
            memory_link.c.kind == kind,
            memory_link.c.target == target,
        )
    )


def superseded_by(tx: Connection, owner: Identifier, memory_id: Identifier) -> Identifier | None:
    """Return the memory that replaces this one, if any."""
    found = tx.execute(
        select(memory_link.c.memory_id).where(
            memory_link.c.owner == owner,
            memory_link.c.kind == SUPERSEDES,
            memory_link.c.target == memory_id,
        )
    ).scalar()
    return None if found is None else str(found)
