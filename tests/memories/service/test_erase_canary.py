"""What was erased is in no file any more: a search of the raw bytes, as a thief would do it."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, func, select, text

from mnemosyne.audit.service import verify_receipt
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.memories.errors import MemoryNotFoundError
from mnemosyne.memories.model import Draft, Filter, Memory, Origin, Place
from mnemosyne.memories.store import imports, labels, threads
from mnemosyne.memories.store.imports import Imported
from mnemosyne.memories.store.tables import embedding, memory, memory_link
from mnemosyne.migrations import runner
from tests.clock import SetClock
from tests.conftest import add_person
from tests.memories.service.traces import traces, vector_traces
from tests.nodes import Node, node_on
from tests.requirements import requirement
from tests.vaults import KEY

CANARY = {
    "content": "Plumquatzither",
    "last line": "Kråkenørdlicht",
    "earlier wording": "Vexwombatolog",
    "title": "Oxfjordgazpachö",
    "earlier title": "Myrrhbagpipes",
    "tag": "zwiebelfjøtter",
    "attribute": "Hjukbrontosaur",
    "attribute name": "Qadizephyrum",
    "speaker": "Wexlibrunhild",
    "source id": "Jabbergnocchi9",
    "source address": "Uxbrigadoonly",
    "link": "Krakelyrium",
    "thread title": "Gnarlpythonic",
    "thread name": "Fnordisklimbo",
}
NAME = "Zwingliberta"
BYSTANDER = "Neighbourly hedgehog prefers Brussels sprouts."


@contextmanager
def opened(path: Path, key: bytes | None) -> Iterator[Database]:
    database = Database(path, key)
    try:
        yield database
    finally:
        database.close()


def migrated(path: Path, key: bytes | None) -> None:
    """Make a vault as ``init`` does, under ``key`` or bare."""
    create_file(path)
    engine = open_engine(path, key, read_only=False)
    with engine.begin() as connection:
        runner.upgrade(connection)
    engine.dispose()


async def canary_in(node: Node) -> Memory:
    """Put the canary wherever a memory can leave something, among the memories of others."""
    await node.contacts.add(node.principal, NAME, ("Ytterbiumka",))
    for number in range(40):
        await node.capture(f"{BYSTANDER} Day {number} of the observation.", tags=("hedgehog",))

    def threads_of(tx: Connection) -> str:
        owner = node.principal.person
        found = threads.ensure(
            tx,
            owner,
            "chatgpt",
            {CANARY["thread name"]: threads.Thread(CANARY["thread title"], "0" * 64)},
            node.clock(),
        )
        return found[CANARY["thread name"]]

    thread_id = await node.database.write(threads_of)
    filling = "".join(f"Line {n}: {CANARY['content']} again.\n" for n in range(900))
    draft = Draft(
        f"{CANARY['earlier wording']} first.\n{filling}",
        title=CANARY["earlier title"],
        tags=(CANARY["tag"],),
        origin=Origin("chatgpt", CANARY["source id"], f"https://{CANARY['source address']}.test/"),
        place=Place(thread_id, 0, CANARY["speaker"]),
        attributes={CANARY["attribute name"]: {"deep": [CANARY["attribute"]]}},
    )
    captured = (await node.memories.capture(node.principal, draft, "canary")).memory
    await node.drain()
    node.clock.advance(timedelta(hours=1))
    edited = await node.revisions.edit(
        node.principal,
        captured.id,
        content=f"{filling}{CANARY['last line']} and {NAME}, on 3 May 2024.",
        title=CANARY["title"],
    )
    await node.drain()
    await node.bin.forget(node.principal, [edited.id])
    await node.bin.restore(node.principal, [edited.id])
    await node.revisions.supersede(node.principal, edited.id, Draft("It is over now."), "over")
    node.clock.advance(timedelta(hours=1))
    await node.revisions.reopen(node.principal, edited.id)
    await node.revisions.supersede(node.principal, edited.id, Draft("It is past."), "past")

    def imported(tx: Connection) -> None:
        owner = node.principal.person
        imports.remember(tx, owner, "chatgpt", [Imported(bytes(32), bytes(32), edited.id, 1)])
        labels.add_links(tx, owner, [(edited.id, labels.NOTE_LINK, CANARY["link"])])

    await node.database.write(imported)
    for number in range(60, 80):  # so that its pages are not the last ones
        await node.capture(f"{BYSTANDER} Day {number} of the observation.")
    return await node.get(edited)


async def vector_of(node: Node, canary: Memory) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    def read(tx: Connection) -> bytes:
        vector = select(embedding.c.vector).where(embedding.c.memory_seq == canary.seq).limit(1)
        return bytes(tx.execute(vector).scalar_one())

    return np.frombuffer(await node.database.read(read), np.float16).astype(np.float32)


@requirement("erase.everywhere", "vault.encrypted")
@pytest.mark.parametrize("key", [None, KEY], ids=["bare", "encrypted"])
async def test_after_an_erase_no_raw_file_holds_any_of_it(
    tmp_path: Path, clock: SetClock, key: bytes | None
) -> None:
    path = tmp_path / "vault" / "vault.db"
    path.parent.mkdir()
    migrated(path, key)
    person = add_person(path, "Ada", clock(), key)
    with opened(path, key) as database:
        node = await node_on(database, clock, person)
        canary = await canary_in(node)
        vector = await vector_of(node, canary)
        # Bare, everything must be there to be found; encrypted, nothing ever.
        expected = set(CANARY) if key is None else set()
        assert traces(path.parent, CANARY) == expected
        assert vector_traces(path.parent, vector) == ({"float16"} if key is None else set())

        done = await node.erasure.erase(node.principal, [canary.id])

        assert done.entry is not None
        assert traces(path.parent, CANARY) == set()
        assert vector_traces(path.parent, vector) == set()
        hedgehogs = await node.memories.page(node.principal, Filter(), limit=200)
        assert len(hedgehogs.items) == 62
    assert traces(path.parent, CANARY) == set()
    # What was not erased, and the name of a contact, only the encryption hides.
    kept = {"text": BYSTANDER.split(maxsplit=1)[0], "tag": "hedgehog", "name": NAME}
    assert traces(path.parent, kept) == (set(kept) if key is None else set())


@requirement("erase.everywhere")
async def test_an_erase_leaves_nothing_when_the_text_was_in_the_bin_or_never_read(
    tmp_path: Path, clock: SetClock
) -> None:
    path = tmp_path / "vault" / "vault.db"
    path.parent.mkdir()
    migrated(path, None)
    person = add_person(path, "Ada", clock(), None)
    with opened(path, None) as database:
        node = await node_on(database, clock, person)
        binned = await node.capture(f"About {CANARY['content']} in the bin.")
        await node.bin.forget(node.principal, [binned.id])
        fresh = await node.capture(f"About {CANARY['title']}, not read yet.")
        assert traces(path.parent, CANARY) == {"content", "title"}

        done = await node.erasure.erase(node.principal, [binned.id, fresh.id])
        await node.drain()  # the work that had been promised for them finds nothing

        assert (done.count, done.entry is None) == (2, False)
        assert traces(path.parent, CANARY) == set()


@requirement("erase.reader", "erase.receipt")
async def test_an_erase_waits_for_a_reader_and_then_completes(
    node: Node, database_path: Path
) -> None:
    canary = await node.capture(f"About {CANARY['content']}.", tags=("secret",))
    await node.drain()
    command = [sys.executable, "-m", "tests.memories.service.reader_process", str(database_path)]
    reader = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    assert await reader.stdout.readline() == b"reading\n"

    erased = await node.erasure.erase(node.principal, [canary.id])

    assert erased.entry is None
    with pytest.raises(MemoryNotFoundError):
        await node.memories.detail(node.principal, canary.id)
    assert (await node.overview.standing(node.principal)).erasing == 1
    assert await node.drain() == 0
    node.clock.advance(timedelta(seconds=3))
    assert await node.drain() == 0  # still read: it comes back, and counts as no failure
    assert (await node.overview.standing(node.principal)).backlog.waiting == 1
    assert (await node.audit.entries(node.principal))[0].type == "erase"

    reader.stdin.close()
    await reader.wait()
    node.clock.advance(timedelta(seconds=3))
    assert await node.drain() == 1

    standing = await node.overview.standing(node.principal)
    assert (standing.erasing, standing.backlog.waiting, standing.backlog.failed) == (0, 0, 0)
    newest = (await node.audit.entries(node.principal))[0]
    assert newest.type == "erased"
    receipt = await node.audit.receipt(node.principal, newest.seq)
    assert verify_receipt(receipt) == node.vault.node_key.fingerprint
    assert receipt["payload"]["completed_at"] == node.clock().isoformat()


@requirement("erase.derived")
async def test_nothing_that_follows_from_a_memory_stays_in_any_table(node: Node) -> None:
    canary = await canary_in(node)

    def left(tx: Connection) -> dict[str, int]:
        counts = {}
        for table in ("memory_version", "memory_tag", "memory_domain", "memory_mention"):
            counts[table] = _count(tx, table, canary)
        for table in ("memory_date", "memory_link", "memory_validity"):
            counts[table] = _count(tx, table, canary)
        targets = select(func.count()).where(memory_link.c.target == canary.id)
        counts["targets"] = tx.execute(targets).scalar_one()
        vectors = select(func.count()).where(embedding.c.memory_seq == canary.seq)
        counts["vectors"] = tx.execute(vectors).scalar_one()
        rows = select(func.count()).where(memory.c.id == canary.id)
        counts["rows"] = tx.execute(rows).scalar_one()
        found = text("SELECT count(*) FROM memory_text WHERE memory_text MATCH 'plumquatzither'")
        counts["full text"] = tx.execute(found).scalar_one()
        counts["threads"] = tx.execute(text("SELECT count(*) FROM thread")).scalar_one()
        return counts

    before = await node.database.read(left)
    assert [name for name, number in before.items() if not number] == []
    await node.erasure.erase(node.principal, [canary.id])
    after = await node.database.read(left)
    assert [name for name, number in after.items() if number] == []


def _count(tx: Connection, table: str, canary: Memory) -> int:
    query = text(f"SELECT count(*) FROM {table} WHERE memory_id = :id")  # noqa: S608 - our names
    return int(tx.execute(query, {"id": canary.id}).scalar_one())
