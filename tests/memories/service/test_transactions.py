"""A use case that writes does so in one transaction: all of it stays, or nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from mnemosyne.events import change_log
from mnemosyne.kit.database import metadata
from mnemosyne.memories.model import Draft, Memory, Pin
from tests.nodes import Node
from tests.requirements import requirement

Use = Callable[[Node, Memory], Awaitable[object]]

USES: dict[str, Use] = {
    "capture": lambda n, _: n.memories.capture(
        n.principal, Draft("New.", tags=("a",), domains=("home",)), "key"
    ),
    "edit": lambda n, m: n.revisions.edit(n.principal, m.id, content="New.", title="New"),
    "supersede": lambda n, m: n.revisions.supersede(n.principal, m.id, Draft("New."), "key"),
    "tag": lambda n, m: n.revisions.tag(n.principal, m.id, add=["a"], remove=["old"]),
    "domains": lambda n, m: n.revisions.set_domains(n.principal, m.id, add=["food"]),
    "pin": lambda n, m: n.revisions.pin(n.principal, m.id, Pin.ANCHORED),
    "never share": lambda n, m: n.revisions.never_share(n.principal, m.id, mark=True),
    "clear": lambda n, m: n.revisions.clear_secret(n.principal, m.id),
    "importance": lambda n, m: n.revisions.set_importance(n.principal, m.id, 0.9),
    "forget": lambda n, m: n.bin.forget(n.principal, [m.id]),
    "erase": lambda n, m: n.erasure.erase(n.principal, [m.id]),
}


async def everything(node: Node) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    names = [*metadata.tables, "memory_text"]

    def read(tx: Connection) -> dict[str, list[tuple[Any, ...]]]:
        query = "SELECT * FROM {} ORDER BY 1, 2"
        return {n: [tuple(row) for row in tx.execute(text(query.format(n)))] for n in names}

    return await node.database.read(read)


@requirement("vault.one-transaction")
@pytest.mark.parametrize("use", USES)
async def test_a_use_case_that_fails_leaves_every_table_as_it_was(
    node: Node, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = await node.capture("Before.", title="Old", tags=("old",))
    await node.drain()
    before = await everything(node)

    def fail(*_arguments: object) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(change_log, "_append", fail)
        with pytest.raises(RuntimeError):
            await USES[use](node, memory)
    assert await everything(node) == before

    await USES[use](node, memory)
    assert await everything(node) != before


@requirement("vault.one-transaction")
@pytest.mark.parametrize("use", [use for use in USES if use != "erase"])
async def test_a_use_case_writes_once(
    node: Node, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = await node.capture("Before.", tags=("old",))
    written: list[object] = []
    write = node.database.write

    async def counted(work: Callable[[Connection], object]) -> object:
        written.append(work)
        return await write(work)

    monkeypatch.setattr(node.database, "write", counted)
    await USES[use](node, memory)

    assert len(written) == 1
