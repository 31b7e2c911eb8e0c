"""A backup that is taken while others write holds one moment, and its manifest says which."""

import asyncio
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from mnemosyne.audit import store as audit
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.events.change_log import change_log
from mnemosyne.memories.store.tables import memory, memory_tag
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import manifest, sealed_backup, snapshot
from tests.requirements import requirement
from tests.safekeeping.vault import Vault


@requirement("backup.snapshot")
async def test_a_backup_under_writers_holds_one_moment_and_states_it(
    vault: Vault, shelf: Path, tmp_path: Path
) -> None:
    written: list[str] = []
    begun, ended = asyncio.Event(), asyncio.Event()
    steps: list[int] = []

    async def write() -> None:
        while not ended.is_set():
            kept = await vault.remember(f"Thought {len(written)}", tags=("one", "two"))
            written.append(kept.id)
            begun.set()

    writing = asyncio.create_task(write())
    await begun.wait()
    made = await vault.backups.make(
        vault.principal, shelf, lambda _step: steps.append(len(written))
    )
    ended.set()
    await writing

    assert steps[-1] > steps[0]  # writers were not held up
    copy = tmp_path / "copy.db"
    opened = sealed_backup.unpack(made.backup.path, vault.root, copy)
    key = vault.root.database_key()
    stated = opened.manifest
    held = snapshot.look(copy, key, _held)
    assert held == written[: len(held)]
    assert 0 < len(held) < len(written)
    # What one capture writes is there whole, in every table.
    rows = stated.contents.rows
    assert rows["memory"] == len(held) == snapshot.look(copy, key, _indexed)
    assert rows["memory_tag"] == 2 * len(held)
    assert rows["change_log"] == len(held)
    assert stated.contents == snapshot.look(
        copy, key, lambda tx: manifest.contents_of(tx, PROVIDERS)
    )
    assert rows == snapshot.look(copy, key, lambda tx: {name: _rows(tx, name) for name in rows})
    person = stated.contents.people[vault.person.id]
    head = snapshot.look(copy, key, lambda tx: audit.head(tx, vault.person.id))
    assert (person.audit_seq, person.audit_digest) == (head.seq, head.digest)
    assert person.audit_seq == rows["audit_entry"] > 0
    assert stated.contents.schema_revision == runner.HEAD
    assert stated.app_version == version("mnemosyne-protocol")


def _held(tx: Connection) -> list[str]:
    return list(tx.execute(select(memory.c.id).order_by(memory.c.seq)).scalars())


def _indexed(tx: Connection) -> int:
    """Count memories that have everything that their capture wrote."""
    return int(
        tx.execute(
            select(func.count())
            .select_from(memory)
            .where(
                memory.c.seq.in_(select(change_log.c.memory_seq)),
                memory.c.id.in_(select(memory_tag.c.memory_id)),
                memory.c.seq.in_(text("SELECT rowid FROM memory_text")),
            )
        ).scalar_one()
    )


def _rows(tx: Connection, name: str) -> int:
    return int(tx.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())  # noqa: S608
