"""A restricted person reads, exports, erases and lifts it; nothing is captured, changed or found.

What waits for others goes on, and what waits for them goes on once they lift it.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from mnemosyne.accounts import restriction
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.restriction import ProcessingRestrictedError
from mnemosyne.events import outbox
from mnemosyne.events.dispatcher import NotYetError
from mnemosyne.events.outbox import Backlog
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Draft, Filter, Memory, Pin, Status
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.importer import Importer, ImportOptions
from mnemosyne.memories.service.suggestions import Suggestions
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.tables import embedding
from mnemosyne.memories.store.writing import ENRICH
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.nodes import Node, node_on
from tests.requirements import requirement

Refused = Callable[[Node, Memory], Awaitable[object]]


async def restrict(node: Node) -> None:
    owner, at = node.principal.person, node.clock()
    await node.database.write(lambda tx: restriction.restrict(tx, owner, at))


async def lift(node: Node) -> None:
    owner = node.principal.person
    await node.database.write(lambda tx: restriction.lift(tx, owner))


@pytest.fixture
async def other(node: Node, database: Database, clock: SetClock, somebody_else: Person) -> Node:
    """Give the services of somebody else on the same node."""
    return Node(database, clock, node.vault, Principal.local(somebody_else.id))


def importer_of(node: Node) -> Importer:
    return Importer(node.database, node.clock, node.zone)


REFUSED: dict[str, Refused] = {
    "capture": lambda node, _: node.capture("Something new."),
    "edit": lambda node, it: node.revisions.edit(node.principal, it.id, title="Other"),
    "supersede": lambda node, it: node.revisions.supersede(
        node.principal, it.id, Draft("Newer."), "key"
    ),
    "reopen": lambda node, it: node.revisions.reopen(node.principal, it.id),
    "tag": lambda node, it: node.revisions.tag(node.principal, it.id, add=["lake"]),
    "domain": lambda node, it: node.revisions.set_domains(node.principal, it.id, add=["family"]),
    "pin": lambda node, it: node.revisions.pin(node.principal, it.id, Pin.ANCHORED),
    "never share": lambda node, it: node.revisions.never_share(node.principal, it.id, mark=True),
    "clear secret": lambda node, it: node.revisions.clear_secret(node.principal, it.id),
    "importance": lambda node, it: node.revisions.set_importance(node.principal, it.id, 0.9),
    "forget": lambda node, it: node.bin.forget(node.principal, [it.id]),
    "restore": lambda node, it: node.bin.restore(node.principal, [it.id]),
    "search": lambda node, _: node.search.search(node.principal, "lake"),
    "suggest": lambda node, _: Suggestions(node.database).people(node.principal),
    "reindex": lambda node, _: node.reindexing.start(node.principal, again=True),
    "add a contact": lambda node, _: node.contacts.add(node.principal, "Tomás"),
    "rename a contact": lambda node, _: node.contacts.rename(node.principal, "Inês", "Ines"),
}


@requirement("serving.restriction")
async def test_nothing_is_captured_changed_or_searched_for_a_restricted_person(node: Node) -> None:
    memory = await node.capture("Walked around the lake.")
    await node.contacts.add(node.principal, "Inês")
    await node.drain()
    before = await node.get(memory)
    await restrict(node)

    for act in REFUSED.values():
        with pytest.raises(ProcessingRestrictedError):
            await act(node, memory)

    assert await node.get(memory) == before
    assert await node.memories.count(node.principal, Filter()) == 1
    assert [each.name for each in await node.contacts.everyone(node.principal)] == ["Inês"]


@requirement("serving.restriction")
@pytest.mark.parametrize("dry_run", [True, False])
async def test_nothing_is_imported_for_a_restricted_person(
    node: Node, tmp_path: Path, *, dry_run: bool
) -> None:
    (tmp_path / "note.md").write_text("A note.")
    await restrict(node)

    with pytest.raises(ProcessingRestrictedError):
        await importer_of(node).run(node.principal, tmp_path, ImportOptions(dry_run=dry_run))

    assert await node.memories.count(node.principal, Filter()) == 0


@requirement("serving.restriction")
async def test_a_restricted_person_reads_lists_and_erases(node: Node) -> None:
    kept = await node.capture("Walked around the lake.")
    erased = await node.capture("Something to let go.")
    await node.drain()
    await restrict(node)

    found = await node.memories.get(node.principal, kept.id)
    done = await node.erasure.erase(node.principal, [erased.id])

    assert found.use == kept.use  # opening it is not counted
    assert done.entry is not None
    page = await node.memories.page(node.principal, Filter())
    assert [each.id for each in page.items] == [kept.id]
    assert (await node.memories.detail(node.principal, kept.id)).memory.id == kept.id


@requirement("serving.restriction")
async def test_work_of_a_restricted_person_waits_without_penalty_and_goes_on_afterwards(
    node: Node, other: Node
) -> None:
    waits = await node.capture("Walked around the lake.")
    goes_on = await other.capture("Baked bread.")
    await restrict(node)

    assert await node.drain() == 1
    node.clock.advance(timedelta(days=30))
    assert await node.drain() == 0

    assert (await other.get(goes_on)).status is Status.ENRICHED
    assert (await node.get(waits)).status is Status.PENDING
    owner = node.principal.person
    event = await node.database.read(lambda tx: outbox.find(tx, owner, ENRICH, waits.id))
    assert event is not None
    assert event.attempts == 0
    await lift(node)
    assert await node.drain() == 1
    assert (await node.get(waits)).status is Status.ENRICHED
    assert await node.database.read(outbox.backlog) == Backlog(0, 0, None)


@requirement("serving.restriction")
async def test_what_was_under_way_when_processing_was_restricted_is_not_stored(
    node: Node, other: Node
) -> None:
    waits, theirs = await node.capture("Walked around the lake."), await other.capture("Bread.")
    enrichment = Enrichment(node.database, node.clock, node.embedders, node.zone).handler()
    events = await node.database.read(lambda tx: outbox.due(tx, enrichment.topic, node.clock(), 10))
    apply = await enrichment.prepare(events)
    await restrict(node)

    with pytest.raises(NotYetError, match="restricted processing"):
        await node.database.write(apply)

    assert (await node.get(waits)).status is Status.PENDING
    assert await node.drain() == 1  # of the others
    assert (await other.get(theirs)).status is Status.ENRICHED


def vectors_of(tx: Connection, owner: str) -> int:
    query = select(func.count()).select_from(embedding).where(embedding.c.owner == owner)
    return tx.execute(query).scalar_one()


async def test_another_embedder_does_not_wait_for_a_restricted_person(
    database: Database, clock: SetClock, person: Person, somebody_else: Person
) -> None:
    old, new = HashedWordsOnly(HashedWords()), HashedWordsOnly(HashedWords(name="other"))
    node = await node_on(database, clock, person, old)
    other = Node(database, clock, node.vault, Principal.local(somebody_else.id), old)
    await node.capture("Walked around the lake.")
    await other.capture("Baked bread.")
    await node.drain()
    await restrict(node)
    changed = Node(database, clock, node.vault, other.principal, new)
    restricted = Node(database, clock, node.vault, node.principal, new)

    await changed.reindexing.start(changed.principal)
    await changed.drain()

    serving = await database.read(embeddings.serving)
    wanted = new.wanted()
    assert serving is not None
    assert wanted is not None
    assert serving.identity == wanted.identity
    assert await database.read(lambda tx: vectors_of(tx, person.id)) == 0
    await lift(node)
    await restricted.drain()
    assert await database.read(lambda tx: vectors_of(tx, person.id)) == 1
