"""A vault that moved to a machine which computes otherwise, and what helps then."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from mnemosyne.accounts.model import Person
from mnemosyne.kit.database import Database
from mnemosyne.memories.probe import probe_texts
from mnemosyne.memories.service.probing import Probing
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.embeddings import KnownEmbedder
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.nodes import Node, node_on
from tests.requirements import requirement


class Elsewhere(HashedWords):
    """The same embedder on another machine: one text comes out otherwise, by a given cosine."""

    def __init__(self, cosine: float) -> None:
        super().__init__()
        self.cosine = cosine

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().embed_documents(texts)
        for number, each in enumerate(texts):
            if each == probe_texts()[6]:
                aside = np.zeros(self.dimensions, np.float32)
                aside[int(np.flatnonzero(vectors[number] == 0)[0])] = 1
                turned = self.cosine * vectors[number] + np.sqrt(1 - self.cosine**2) * aside
                vectors[number] = turned
        return vectors


@pytest.fixture
async def node(database: Database, clock: SetClock, person: Person) -> Node:
    made = await node_on(database, clock, person)
    for number in range(3):
        await made.capture(f"Memory {number} of the garden.")
    return made


def on(node: Node, embedder: HashedWords | None) -> Node:
    """Return the same vault on a machine with another embedder."""
    machine = HashedWordsOnly(embedder)
    return Node(node.database, node.clock, node.vault, node.principal, machine)


async def problem(node: Node) -> str:
    return await Probing(node.database, node.embedders).problem()


async def known(node: Node) -> list[KnownEmbedder]:
    return await node.database.read(embeddings.known)


async def with_vectors(node: Node, embedder_id: int) -> int:
    owner = node.principal.person
    return await node.database.read(lambda tx: embeddings.count(tx, owner, embedder_id))


@requirement("embedder.moved")
async def test_ten_vectors_are_kept_and_the_same_machine_agrees_with_them(node: Node) -> None:
    assert await problem(node) == ""  # nothing is embedded yet
    await node.drain()

    serving = (await known(node))[0]
    kept = await node.database.read(lambda tx: embeddings.probe_of(tx, serving.id))
    assert kept.shape == (10, 384)
    assert await problem(node) == ""
    assert await problem(on(node, None)) == ""  # search says itself that meaning is missing


@requirement("embedder.moved")
@pytest.mark.parametrize(("cosine", "moved"), [(0.985, False), (0.975, True)])
async def test_one_text_below_the_least_is_enough_to_be_told(
    node: Node,
    cosine: float,
    moved: bool,  # noqa: FBT001 - a table
) -> None:
    await node.drain()

    told = await problem(on(node, Elsewhere(cosine)))

    assert (f"{cosine:.3f}" in told) == moved
    assert bool(told) == moved


@requirement("embedder.moved")
async def test_embedding_again_replaces_every_vector_while_the_old_ones_serve(node: Node) -> None:
    await node.drain()
    there = on(node, Elsewhere(0.9))
    old = (await known(there))[0]

    assert (await there.reindexing.start(there.principal, again=True)).missing == 3
    new, still = await known(there)
    assert (still.id, still.serving, new.serving) == (old.id, True, False)
    assert new.identity == old.identity
    assert len((await there.search.search(there.principal, "garden")).hits) == 3
    # Asked once more before the end, it goes on with what was begun.
    assert (await there.reindexing.start(there.principal, again=True)).missing == 3
    assert len(await known(there)) == 2

    await there.drain()

    assert [(each.id, each.serving) for each in await known(there)] == [(new.id, True)]
    assert await with_vectors(there, new.id) == 3
    assert await with_vectors(there, old.id) == 0
    assert await problem(there) == ""
    assert await problem(node)  # the first machine is the other one now
    assert len((await there.search.search(there.principal, "garden")).hits) == 3


async def test_a_capture_meanwhile_gets_the_new_vectors(node: Node) -> None:
    await node.drain()
    there = on(node, Elsewhere(0.9))
    await there.reindexing.start(there.principal, again=True)
    await there.capture("A fourth memory of the garden.")

    await there.drain()

    (serving,) = await known(there)
    assert await with_vectors(there, serving.id) == 4


async def test_vectors_that_were_damaged_are_told(node: Node) -> None:
    await node.drain()

    def damage(tx: Connection) -> None:
        tx.execute(text("UPDATE embedder SET probe = substr(probe, 1, 768)"))

    await node.database.write(damage)

    assert "cannot be compared" in await problem(node)
