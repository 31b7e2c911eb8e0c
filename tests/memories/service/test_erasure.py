"""Erasing: seen before, all or none, recorded without a trace of what it was."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from mnemosyne.audit.service import verify_receipt
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.memories.errors import MemoryNotFoundError
from mnemosyne.memories.model import Draft, Filter, Memory
from mnemosyne.memories.store import erasing, reading
from mnemosyne.safekeeping import store as backups
from mnemosyne.safekeeping.store import KnownBackup
from tests.clock import START
from tests.nodes import Node
from tests.requirements import requirement

HISTORY = Filter(history=True)


@contextmanager
def listening(engine: Engine, name: str, hear: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, name, hear)
    yield
    event.remove(engine, name, hear)


@requirement("erase.preview")
async def test_a_preview_shows_every_copy_and_removes_nothing(node: Node) -> None:
    await node.contacts.add(node.principal, "Brunhild")
    memory = await node.capture("Brunhild came on 3 May 2024.", tags=("a", "b"))
    await node.drain()
    await node.revisions.edit(node.principal, memory.id, content="Brunhild came on 4 May 2024.")
    await node.drain()
    await node.bin.forget(node.principal, [memory.id])

    preview = await node.erasure.preview(node.principal, [memory.id, memory.id[-8:]])

    assert [each.id for each in preview.memories] == [memory.id]
    copies = dict(preview.copies)
    assert copies.pop("domains") >= 1
    assert copies == {
        "texts, each once in full text": 1,
        "earlier wordings": 1,
        "tags": 2,
        "names": 1,
        "dates": 1,
        "vectors": 1,
        "details in the audit": 1,
    }
    assert preview.backups == ()
    assert (await node.get(memory)).content == "Brunhild came on 4 May 2024."


@requirement("erase.preview")
async def test_erasing_needs_a_permission_of_its_own(node: Node) -> None:
    memory = await node.capture("Mine.")
    scopes = frozenset(Scope) - {Scope.MEMORY_ERASE}
    lacking = Principal(node.principal.person, scopes, "token-7", "mcp")

    for use in (node.erasure.preview, node.erasure.erase):
        with pytest.raises(MissingScopeError):
            await use(lacking, [memory.id])
    assert await node.memories.count(node.principal, HISTORY) == 1


async def test_a_full_bin_is_looked_up_together(node: Node) -> None:
    made = [(await node.capture(f"Number {number}.")).id for number in range(60)]
    owner, statements = node.principal.person, 0

    def look(tx: Connection) -> list[Memory]:
        def count(*_: object) -> None:
            nonlocal statements
            statements += 1

        with listening(tx.engine, "before_cursor_execute", count):
            return reading.require_all(tx, owner, made)

    found = await node.database.read(look)

    assert [each.id for each in found] == made
    assert statements < len(made) / 6


async def test_several_are_erased_together_or_none(node: Node) -> None:
    made = [await node.capture(f"Number {number}.") for number in range(3)]

    with pytest.raises(MemoryNotFoundError):
        await node.erasure.erase(node.principal, [made[0].id, "f" * 32])
    assert await node.memories.count(node.principal, HISTORY) == 3

    done = await node.erasure.erase(node.principal, [made[0].id, made[1].id, made[0].id[-9:]])
    assert done.count == 2
    left = await node.memories.page(node.principal, HISTORY)
    assert [each.id for each in left.items] == [made[2].id]


@requirement("erase.audit")
async def test_after_an_erase_every_entry_verifies_and_none_tells_of_the_memory(
    node: Node,
) -> None:
    memory = await node.capture("A secret zither.", title="Zither", tags=("zither",))
    node.clock.advance(timedelta(days=1))
    await node.bin.forget(node.principal, [memory.id])
    await node.bin.restore(node.principal, [memory.id])
    await node.bin.forget(node.principal, [memory.id])
    node.clock.advance(timedelta(days=1))
    await node.erasure.erase(node.principal, [memory.id])

    entries = await node.audit.entries(node.principal)

    assert [each.type for each in entries] == ["erased", "erase", "forget", "unforget", "forget"]
    assert [each.payload is None for each in entries] == [False, False, True, True, True]
    for entry in entries:
        receipt = await node.audit.receipt(node.principal, entry.seq)
        assert verify_receipt(json.loads(json.dumps(receipt))) == node.vault.node_key.fingerprint
        shown = json.dumps(receipt) + entry.canonical.decode()
        for trace in (memory.id, memory.id[-8:], "zither", "Zither", START.isoformat()):
            assert trace not in shown


@requirement("erase.receipt")
async def test_the_receipt_states_date_scope_what_remains_and_each_backup_that_holds_it(
    node: Node, tmp_path: Path
) -> None:
    memory = await node.capture("In a backup.")
    node.clock.advance(timedelta(days=1))
    older, holding = known(tmp_path, node, -9, "older"), known(tmp_path, node, 0, "holding")

    def remember(tx: Connection) -> None:
        for each in (older, holding):
            backups.add(tx, each)

    await node.database.write(remember)
    node.clock.advance(timedelta(days=1))
    preview = await node.erasure.preview(node.principal, [memory.id])
    done = await node.erasure.erase(node.principal, [memory.id])

    assert preview.backups == done.backups
    assert [copy.path for copy in done.backups] == [str(holding.path)]
    assert done.unreached == (str(tmp_path / "away"),)
    assert done.entry is not None
    receipt = await node.audit.receipt(node.principal, done.entry)
    payload = receipt["payload"]
    assert payload["requested_at"] == payload["completed_at"] == node.clock().isoformat()
    assert len(payload["memories"]) == 1
    assert memory.id not in json.dumps(receipt)
    assert payload["backups"] == [
        {
            "path": str(holding.path),
            "taken_at": holding.taken_at.isoformat(),
            "expires_at": holding.expires_at.isoformat(),
        }
    ]
    assert payload["ledgers_not_reached"] == [str(tmp_path / "away")]
    assert "write-ahead log" in payload["gone_from"]


def known(tmp_path: Path, node: Node, days: int, name: str) -> KnownBackup:
    """Return a backup on a medium that was taken away."""
    taken = node.clock() + timedelta(days=days)
    return KnownBackup(
        id=new_id(taken),
        path=tmp_path / "away" / name,
        counter=days + 10,
        taken_at=taken,
        expires_at=taken + timedelta(days=30),
        verified_at=None,
        digest="",
        size=0,
    )


async def test_the_ledger_names_what_was_erased_and_when_and_nothing_else(node: Node) -> None:
    memory = await node.capture("Gone.")
    node.clock.advance(timedelta(days=1))
    await node.erasure.erase(node.principal, [memory.id])
    owner = node.principal.person

    (entry,) = await node.database.read(lambda tx: erasing.ledger(tx, owner))

    assert (entry.memory_id, entry.requested_at) == (memory.id, node.clock())
    assert entry.completed_at == node.clock()
    assert await node.database.read(lambda tx: erasing.was_erased(tx, owner, [memory.id])) == {
        memory.id
    }


async def test_erasing_what_replaced_a_memory_leaves_that_one_and_its_end(node: Node) -> None:
    old = await node.capture("Blue.")
    done = await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")

    await node.erasure.erase(node.principal, [done.new.id])

    detail = await node.memories.detail(node.principal, old.id)
    assert (detail.superseded_by, detail.links) == (None, ())
    assert detail.memory.validity.valid_to is not None
    assert (await node.revisions.reopen(node.principal, old.id)).validity.valid_to is None


async def test_an_erase_that_another_process_finishes_first_has_the_same_receipt(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = await node.capture("Gone.")
    await node.drain()
    holding = node.erasure._copies.holding

    async def meanwhile(created_at: object) -> object:
        with monkeypatch.context() as patched:
            patched.setattr(node.erasure._copies, "holding", holding)
            await node.drain()
        return await holding(created_at)  # type: ignore[arg-type] # what it was given

    monkeypatch.setattr(node.erasure._copies, "holding", meanwhile)
    done = await node.erasure.erase(node.principal, [memory.id])

    entries = await node.audit.entries(node.principal)
    assert [each.type for each in entries] == ["erased", "erase"]
    assert done.entry == entries[0].seq
