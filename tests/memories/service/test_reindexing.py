"""Another embedder: the old vectors answer until the last new one is there, and never beside it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from mnemosyne.accounts.model import Person
from mnemosyne.adapters.embedders.local import LocalEmbedders
from mnemosyne.adapters.embedders.minilm import Precision
from mnemosyne.events import outbox
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Filter, Memory
from mnemosyne.memories.paging import Order
from mnemosyne.memories.service import reindexing
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.tables import embedder, embedding
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.nodes import Node, node_on
from tests.requirements import requirement
from tests.vaults import KEY

TEXTS = (
    "The cat slept on the warm radiator all afternoon.",
    "We signed the lease for the flat in Porto.",
    "My knee hurts after the long run.",
    "Grandmother's recipe for quince jam needs lemon.",
    "The server ran out of disk space at night.",
)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs")


def local(graphs: Path, precision: Precision, *before: LocalEmbedders) -> LocalEmbedders:
    wanted = [each.wanted() for each in before]
    known = [each.identity for each in wanted if each is not None]
    return LocalEmbedders(None, graphs, precision, 1, known)


async def count(node: Node) -> dict[str, int]:
    """Return how many vectors there are of each precision or name, and which of them serves."""

    def read(tx: Connection) -> dict[str, int]:
        query = (
            select(embedder.c.identity, embedder.c.serving, func.count(embedding.c.chunk))
            .outerjoin(embedding, embedding.c.embedder_id == embedder.c.id)
            .group_by(embedder.c.id)
        )
        return {
            f"{row[0]['name']} {row[0]['precision']}{' serving' * row[1]}": row[2]
            for row in tx.execute(query)
        }

    return await node.database.read(read)


async def found(node: Node, question: str) -> str:
    return (await node.search.search(node.principal, question)).hits[0].memory.content


@requirement("embedder.change", "embedder.stamped")
async def test_another_precision_embeds_again_while_the_old_vectors_serve(
    database: Database,
    clock: SetClock,
    person: Person,
    graphs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindexing, "_AT_ONCE", 2)
    int8 = local(graphs, Precision.INT8)
    first = await node_on(database, clock, person, int8)
    for text in TEXTS:
        await first.capture(text)
    await first.drain()
    (key,) = await count(first)
    assert key.endswith(" int8 serving")
    name = key.split()[0]
    assert await found(first, "a pet taking a nap") == TEXTS[0]

    fp32 = local(graphs, Precision.FP32, int8)
    node = Node(database, clock, first.vault, first.principal, fp32)
    assert (await node.reindexing.start(node.principal)).missing == 5
    assert await node.dispatcher.drain(0) == 0
    old, new = f"{name} int8 serving", f"{name} fp32"
    for done in (2, 4):
        assert await one_round(node) == 1
        assert await count(node) == {old: 5, new: done}
        # Asked in the embedder that serves: a question of the new one would be answered by no old.
        assert await found(node, "a pet taking a nap") == TEXTS[0]

    # Killed half-way: another process goes on where this one stopped.
    again = Database(database.path, KEY)
    resumed = Node(again, clock, first.vault, first.principal, local(graphs, Precision.FP32, fp32))
    await resumed.drain()
    assert await count(resumed) == {f"{name} fp32 serving": 5}
    assert await found(resumed, "a pet taking a nap") == TEXTS[0]
    assert await found(node, "apartment rented in Portugal") == TEXTS[1]
    assert (await resumed.reindexing.start(resumed.principal)).missing == 0
    assert await resumed.drain() == 0
    again.close()


async def one_round(node: Node) -> int:
    """Do what the dispatcher does in one round of re-embedding."""
    handler = node.handlers[1]
    events = await node.database.read(
        lambda tx: outbox.due(tx, reindexing.REEMBED, node.clock(), handler.batch)
    )
    apply = await handler.prepare(events)

    def write(tx: Connection) -> None:
        apply(tx)
        outbox.finish(tx, events)

    await node.database.write(write)
    return len(events)


@pytest.fixture
async def changed(node: Node) -> Node:
    """Give a vault with three memories of one embedder, whose settings now ask for another."""
    for number in range(3):
        await node.capture(f"Memory number {number} about zithers.")
    await node.drain()
    assert isinstance(node.embedders, HashedWordsOnly)
    node.embedders.now = HashedWords("other-words", 256)
    return node


@requirement("embedder.change")
async def test_a_capture_alone_starts_it_and_what_is_captured_meanwhile_is_not_left_out(
    changed: Node,
) -> None:
    await changed.capture("One more zither.")

    await changed.drain()

    assert await count(changed) == {"other-words fp32 serving": 4}


@requirement("embedder.change")
async def test_a_memory_captured_as_the_last_one_was_done_is_waited_for(changed: Node) -> None:
    await changed.reindexing.start(changed.principal)
    assert await one_round(changed) == 1
    handler = changed.handlers[1]
    owner, at = changed.principal.person, changed.clock()
    event = await changed.database.read(lambda tx: outbox.find(tx, owner, reindexing.REEMBED, ""))
    assert event is not None

    apply = await handler.prepare([event])  # it found nothing left to do
    await changed.capture("One more zither, at the last moment.")

    def write(tx: Connection) -> None:
        apply(tx)
        outbox.finish(tx, [event])

    await changed.database.write(write)
    assert await count(changed) == {"hashed-words fp32 serving": 3, "other-words fp32": 3}
    waiting = await changed.database.read(lambda tx: outbox.due(tx, "memory.reembed", at, 9))
    assert len(waiting) == 1
    await changed.drain()
    assert await count(changed) == {"other-words fp32 serving": 4}


@requirement("embedder.change")
async def test_the_old_vectors_of_everybody_stay_until_everybodys_new_ones_are_there(
    changed: Node, somebody_else: Person
) -> None:
    other = Node(
        changed.database,
        changed.clock,
        changed.vault,
        Principal.local(somebody_else.id),
        HashedWordsOnly(HashedWords()),
    )
    await other.capture("Somebody else's zither.")
    await other.drain()
    await changed.reindexing.start(changed.principal)

    assert await one_round(changed) == 1  # the last of this person's
    assert await one_round(changed) == 1  # and now the other one's turn is asked for
    assert await count(changed) == {"hashed-words fp32 serving": 4, "other-words fp32": 3}
    await changed.drain()
    assert await count(changed) == {"other-words fp32 serving": 4}


async def test_what_was_edited_or_erased_while_it_was_embedded_is_not_written(
    changed: Node,
) -> None:
    await changed.reindexing.start(changed.principal)
    owner = changed.principal.person
    event = await changed.database.read(lambda tx: outbox.find(tx, owner, "memory.reembed", ""))
    assert event is not None
    gone, edited, _ = await everything(changed)

    apply = await changed.handlers[1].prepare([event])
    await changed.erasure.erase(changed.principal, [gone.id])
    await changed.revisions.edit(changed.principal, edited.id, content="A lyre instead.")
    await changed.database.write(apply)

    assert await count(changed) == {"hashed-words fp32 serving": 1, "other-words fp32": 1}


async def everything(node: Node) -> list[Memory]:
    page = await node.memories.page(node.principal, Filter(), order=Order.OLDEST)
    return list(page.items)


async def test_without_weights_nothing_is_asked_for_and_nothing_is_lost(changed: Node) -> None:
    assert isinstance(changed.embedders, HashedWordsOnly)
    await changed.reindexing.start(changed.principal)
    changed.embedders.now = None

    assert (await changed.reindexing.start(changed.principal)).missing == 0
    await changed.drain()

    assert (await count(changed))["hashed-words fp32 serving"] == 3


async def test_memories_read_without_weights_get_their_vectors_later(node: Node) -> None:
    assert isinstance(node.embedders, HashedWordsOnly)
    node.embedders.now = None
    await node.capture("Nobody can embed this yet.")
    await node.drain()
    assert await count(node) == {}

    node.embedders.now = HashedWords()
    assert (await node.reindexing.start(node.principal)).missing == 1
    node.clock.advance(timedelta(seconds=1))
    await node.drain()

    assert await count(node) == {"hashed-words fp32 serving": 1}
    assert (await node.reindexing.start(node.principal)).missing == 0


@requirement("edit.search")
async def test_the_vectors_of_an_earlier_wording_go_with_the_edit(node: Node) -> None:
    found_ = await node.capture("About zithers.")
    await node.drain()

    await node.revisions.edit(node.principal, found_.id, content="About lyres.")

    known = await node.database.read(embeddings.serving)
    assert known is not None
    owner = node.principal.person
    assert await node.database.read(lambda tx: embeddings.count(tx, owner, known.id)) == 0
    assert await node.database.read(lambda tx: embeddings.missing(tx, owner, known.id)) == 1
    await node.drain()
    assert await node.database.read(lambda tx: embeddings.count(tx, owner, known.id)) == 1
