"""Several processes on one vault: nothing acknowledged is lost, and all see the same at once."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from mnemosyne.accounts.model import Person
from mnemosyne.events import change_log
from mnemosyne.kit.clock import system_clock
from mnemosyne.kit.database import Database
from mnemosyne.memories.errors import MemoryNotFoundError
from mnemosyne.memories.model import Filter, Memory
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.store import reading
from mnemosyne.memories.store.tables import memory
from mnemosyne.memories.store.writing import ENRICH
from tests.memories.service.writer_process import draft
from tests.nodes import Node
from tests.requirements import requirement
from tests.vaults import KEY

WRITERS = 4
ENOUGH = 12


async def writer(
    path: Path, person: Person, name: str, times: str = "", under: Sequence[str] = ()
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *under,
        sys.executable,
        *("-m", "tests.memories.service.writer_process", str(path), person.id, name),
        *([times] if times else []),
        stdout=asyncio.subprocess.PIPE,
    )


async def until_killed(path: Path, person: Person, name: str) -> dict[str, str]:
    """Let a process capture until it has said enough; kill it; return what it said."""
    process = await writer(path, person, name)
    assert process.stdout is not None
    said = [await process.stdout.readline() for _ in range(ENOUGH)]
    process.kill()
    said += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    whole = [line.decode().split() for line in said if line.endswith(b"\n")]
    return {words[0]: words[1] for words in whole}


@requirement("capture.durable", "capture.idempotent")
async def test_no_acknowledged_capture_is_lost_when_writers_are_killed(
    database_path: Path, database: Database, person: Person, node: Node
) -> None:
    names = [f"writer{number}" for number in range(WRITERS)]

    told = await asyncio.gather(*(until_killed(database_path, person, name) for name in names))

    acknowledged = {key: memory_id for each in told for key, memory_id in each.items()}
    assert len(acknowledged) >= WRITERS * ENOUGH

    def stored(tx: Connection) -> list[Memory]:
        return reading.by_ids(tx, person.id, list(acknowledged.values()))

    found = {each.id: each for each in await database.read(stored)}
    for key, memory_id in acknowledged.items():
        name, number = key.split("-")
        assert found[memory_id].content == draft(name, int(number)).content
        assert found[memory_id].tags == (name,)

    # The one that each was about to say: the retry under the same key makes no second row.
    memories = Memories(database, system_clock, UTC)
    for key, memory_id in acknowledged.items():
        name, number = key.split("-")
        again = await memories.capture(node.principal, draft(name, int(number)), key)
        assert (again.memory.id, again.created) == (memory_id, False)
    for name, each in zip(names, told, strict=True):
        unsaid = len(each)
        await memories.capture(node.principal, draft(name, unsaid), f"{name}-{unsaid}")

    def counted(tx: Connection) -> tuple[int, int, int, str]:
        total, different = tx.execute(
            select(func.count(), func.count(memory.c.content.distinct()))
        ).one()
        events = text("SELECT count(*) FROM outbox WHERE topic = :topic")
        waiting = tx.execute(events, {"topic": ENRICH}).scalar_one()
        return total, different, waiting, tx.execute(text("PRAGMA integrity_check")).scalar_one()

    total, different, waiting, sound = await database.read(counted)
    assert total == different == waiting >= len(acknowledged) + WRITERS
    assert sound == "ok"


# The kernel refuses to write beyond a limit, or a tracer lets a sync fail.
LIMITED = ("/bin/sh", "-c", 'ulimit -f 1600 && exec "$@"', "sh")
UNSYNCED = (
    *(shutil.which("strace") or "strace", "-f", "-qq", "-o", os.devnull),
    *("-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=5"),
)


@requirement("vault.commit-unknown")
@pytest.mark.parametrize("under", [LIMITED, UNSYNCED], ids=["write", "sync"])
async def test_after_a_failing_disk_the_retry_under_the_same_key_is_safe(
    database: Database, person: Person, node: Node, under: Sequence[str]
) -> None:
    if shutil.which(under[0]) is None:
        pytest.skip("strace makes a sync fail")

    process = await writer(database.path, person, "unlucky", "60", under)
    assert process.stdout is not None
    said = [line.split() for line in (await process.stdout.read()).decode().splitlines()]
    if await process.wait() != 0:
        pytest.skip("this system lets no process be traced")

    answers = [answer for _, answer in said]
    failed = answers.index("commit-unknown")
    assert set(answers[failed + 1 :]) == {"writer-stopped"}
    memories = Memories(database, system_clock, UTC)
    for number, answer in enumerate(answers[: failed + 3]):
        again = await memories.capture(
            node.principal, draft("unlucky", number), f"unlucky-{number}"
        )
        assert number >= failed or (again.memory.id, again.created) == (answer, False)
    assert await node.memories.count(node.principal, Filter()) == failed + 3


@pytest.fixture
def elsewhere(database_path: Path, node: Node) -> Iterator[Node]:
    """Give the same person's services over connections of their own, as another process has."""
    database = Database(database_path, KEY)
    yield Node(database, node.clock, node.vault, node.principal, node.embedders)
    database.close()


async def found_by(node: Node, words: str) -> list[str]:
    return [hit.memory.id for hit in (await node.search.search(node.principal, words)).hits]


@requirement("processes.found-at-once")
async def test_what_another_process_captured_is_found_at_once(
    database_path: Path, person: Person, node: Node
) -> None:
    await node.capture("Something else entirely.")
    assert await found_by(node, "thought") == []

    process = await writer(database_path, person, "visitor", "2")
    assert process.stdout is not None
    said = (await process.stdout.read()).decode().split()
    await process.wait()

    assert set(await found_by(node, "thought of visitor")) == {said[1], said[3]}
    assert (await node.memories.get(node.principal, said[1])).content == "Thought 0 of visitor."
    assert await node.memories.count(node.principal, Filter(tag="visitor")) == 2


@requirement("processes.gone-at-once")
async def test_what_was_forgotten_or_erased_elsewhere_is_returned_no_more(
    node: Node, elsewhere: Node
) -> None:
    made = [await node.capture(f"A zither, number {number}.") for number in range(3)]
    await node.drain()
    ids = {each.id for each in made}
    assert set(await found_by(elsewhere, "zither")) == ids
    assert set(await found_by(node, "zither")) == ids

    await elsewhere.bin.forget(elsewhere.principal, [made[0].id])
    assert set(await found_by(node, "zither")) == ids - {made[0].id}
    await elsewhere.erasure.erase(elsewhere.principal, [made[1].id])
    assert set(await found_by(node, "zither")) == {made[2].id}

    for gone in made[:2]:
        with pytest.raises(MemoryNotFoundError):
            await node.memories.get(node.principal, gone.id)
    assert await node.memories.count(node.principal, Filter()) == 1
    await elsewhere.bin.restore(elsewhere.principal, [made[0].id])
    assert set(await found_by(node, "zither")) == {made[0].id, made[2].id}


@requirement("processes.gap")
async def test_a_process_that_missed_changes_reloads(
    node: Node, elsewhere: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await node.capture("A zither that stays.")
    gone = await node.capture("A zither that goes.")
    await node.drain()
    assert set(await found_by(elsewhere, "zither")) == {kept.id, gone.id}

    await node.bin.forget(node.principal, [gone.id])
    new = await node.capture("A zither that comes.")
    monkeypatch.setattr(change_log, "KEPT", 1)
    await node.database.write(change_log.prune)  # the log reaches back to none of it

    assert set(await found_by(elsewhere, "zither")) == {kept.id, new.id}


async def test_two_processes_that_repeat_one_request_at_once_make_one_memory(
    node: Node, elsewhere: Node
) -> None:
    wanted = draft("both", 1)

    answers = await asyncio.gather(
        *(each.memories.capture(each.principal, wanted, "key") for each in (node, elsewhere) * 3)
    )

    assert len({answer.memory.id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert await node.memories.count(node.principal, Filter()) == 1
