"""A vault of two people with deranged indexes: repair brings back nothing and mixes nothing."""

from datetime import UTC

import numpy as np
import pytest
from sqlalchemy import Connection, select, text

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.chunking import Chunk
from mnemosyne.memories.model import Draft, Memory
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.reindexing import Reindexing
from mnemosyne.memories.service.search import Search
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.embeddings import Embedded
from mnemosyne.memories.store.tables import embedding
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.doctor import Doctor, Finding, Severity
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.requirements import requirement
from tests.safekeeping.vault import Vault


def doctor(vault: Vault) -> Doctor:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Doctor(vault.database, facts, vault.clock)


async def bad(vault: Vault) -> list[Finding]:
    found = await doctor(vault).examine(vault.principal)
    return [each for each in found if each.severity is Severity.BAD]


@pytest.fixture
async def bo(vault: Vault, clock: SetClock) -> Principal:
    """Give a second person of the vault."""
    who = Person(new_id(clock()), "Bo", clock(), "")
    await vault.database.write(lambda tx: accounts.add(tx, who, salt=bytes(32)))
    return Principal.local(who.id)


async def remember(vault: Vault, who: Principal, content: str) -> Memory:
    memories = Memories(vault.database, vault.clock, UTC)
    return (await memories.capture(who, Draft(content), new_id(vault.clock()))).memory


async def found(vault: Vault, who: Principal, question: str) -> list[str]:
    search = Search(vault.database, vault.clock, HashedWordsOnly(HashedWords()), UTC)
    return sorted(hit.memory.content for hit in (await search.search(who, question)).hits)


async def embed(vault: Vault) -> None:
    """Work off what waits for vectors."""
    embedders = HashedWordsOnly(HashedWords())
    handlers = (
        Enrichment(vault.database, vault.clock, embedders, UTC).handler(),
        Reindexing(vault.database, vault.clock, embedders).handler(),
        vault.erasure.handler(),
    )
    await Dispatcher(vault.database, handlers, vault.clock).drain(600)


def indexed(tx: Connection) -> list[tuple[int, str, str]]:
    rows = tx.execute(text("SELECT rowid, owner, body FROM memory_text ORDER BY rowid"))
    return [(row[0], row[1], row[2]) for row in rows]


def vectors(tx: Connection) -> set[tuple[int, str, int]]:
    rows = tx.execute(select(embedding.c.memory_seq, embedding.c.owner, embedding.c.version))
    return {(row[0], row[1], row[2]) for row in rows}


def document(tx: Connection, seq: int, owner: str, body: str) -> None:
    tx.execute(text("DELETE FROM memory_text WHERE rowid = :seq"), {"seq": seq})
    tx.execute(
        text(
            "INSERT INTO memory_text(rowid, owner, title, body, context, bigrams)"
            " VALUES (:seq, :owner, '', :body, '', '')"
        ),
        {"seq": seq, "owner": owner, "body": body},
    )


@requirement("doctor.repair", "doctor.integrity")
async def test_repair_brings_back_nothing_erased_or_binned_and_mixes_nothing_of_two(
    vault: Vault, bo: Principal
) -> None:
    ada = vault.principal
    hers = await remember(vault, ada, "The quince tree blooms.")
    his = await remember(vault, bo, "The plum tree does not.")
    binned = await remember(vault, ada, "The binned tree.")
    erased = await remember(vault, bo, "The erased tree.")
    await embed(vault)
    await vault.bin.forget(ada, [binned.id])
    await vault.erasure.erase(bo, [erased.id])
    whole = await vault.database.read(indexed)
    assert await bad(vault) == []

    def derange(tx: Connection) -> None:
        document(tx, hers.seq, bo.person, "The quince tree blooms.")
        document(tx, his.seq, bo.person, "The quince tree blooms.")
        document(tx, binned.seq, ada.person, "The binned tree.")
        document(tx, erased.seq, bo.person, "The erased tree.")
        known = embeddings.serving(tx)
        assert known is not None
        one = np.ones((1, known.identity.dimensions), np.float32)
        for seq, version, owner in ((hers.seq, 1, bo), (his.seq, 7, bo)):
            embeddings.remove(tx, owner.person, seq)
            embeddings.remove(tx, ada.person, seq)
            vector = Embedded(seq, version, (Chunk(0, 3),), one)
            embeddings.put(tx, owner.person, known.id, [vector])

    await vault.database.write(derange)
    said = " ".join(each.what for each in await bad(vault))
    # Hers under his name, the binned and the erased; his own says something else; two vectors.
    assert "1 memory is missing in full text" in said
    assert "3 entries of full text belong to no visible memory" in said
    assert "1 entry of full text differs from its memory" in said
    assert "2 vectors belong to no memory" in said

    repaired = await doctor(vault).repair(ada)
    await embed(vault)

    assert (repaired.indexed, repaired.orphans_dropped, repaired.requeued) == (2, 5, 2)
    assert await bad(vault) == []
    assert await vault.database.read(indexed) == whole
    assert {owner for seq, owner, _ in whole if seq == hers.seq} == {ada.person}
    assert await found(vault, ada, "tree") == ["The quince tree blooms."]
    assert await found(vault, bo, "tree") == ["The plum tree does not."]


@requirement("doctor.repair")
async def test_reindex_embeds_every_memory_for_its_owner_and_nothing_erased(
    vault: Vault, bo: Principal
) -> None:
    ada = vault.principal
    hers = await remember(vault, ada, "The quince tree blooms.")
    his = await remember(vault, bo, "The plum tree does not.")
    erased = await remember(vault, ada, "The erased tree.")
    await embed(vault)
    await vault.erasure.erase(ada, [erased.id])
    wanted = {(hers.seq, ada.person, 1), (his.seq, bo.person, 1)}
    assert await vault.database.read(vectors) == wanted

    embedders = HashedWordsOnly(HashedWords())
    await Reindexing(vault.database, vault.clock, embedders).start(ada, again=True)
    await embed(vault)

    assert await vault.database.read(vectors) == wanted
    assert await bad(vault) == []


@requirement("doctor.repair", "doctor.integrity")
async def test_full_text_whose_index_lost_its_words_is_found_and_derived_anew(
    vault: Vault, bo: Principal
) -> None:
    hers = await remember(vault, vault.principal, "The quince tree blooms.")
    await remember(vault, bo, "The plum tree does not.")
    assert await found(vault, vault.principal, "quince") == [hers.content]

    def lose(tx: Connection) -> None:
        tx.execute(text("DELETE FROM memory_text_idx"))
        tx.execute(text("DELETE FROM memory_text_data WHERE id > 10"))

    await vault.database.write(lose)
    broken = await bad(vault)
    assert broken
    assert all("doctor --repair" in each.hint for each in broken), broken

    await doctor(vault).repair(vault.principal)

    assert await bad(vault) == []
    assert await found(vault, vault.principal, "quince") == [hers.content]
    assert await found(vault, bo, "quince") == []
