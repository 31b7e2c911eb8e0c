"""An export larger than a page: every memory once, in order, and nothing of a failed one."""

import json
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.memories.composing import compose
from mnemosyne.memories.model import Draft, Filter, Moment, Origin, Precision, SecretState
from mnemosyne.memories.store import writing
from mnemosyne.memories.store.tables import memory
from mnemosyne.safekeeping.archive_errors import ArchiveNotWrittenError
from mnemosyne.safekeeping.selection import Exported, ExportForm, Selection
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import Vault

MANY = 1_203  # two pages and a part of a third


@pytest.fixture
async def filled(vault: Vault, clock: SetClock) -> Vault:
    """Give a vault of many memories, the latest stored first."""
    drafts = [
        Draft(
            f"Thought {number}",
            occurred=Moment(clock() - timedelta(minutes=number), Precision.INSTANT, 0),
            tags=("odd",) if number % 2 else ("even",),
        )
        for number in range(MANY)
    ]
    composed = [compose(draft, vault.person.id, clock(), UTC) for draft in drafts]

    def write(tx: Connection) -> None:
        writing.insert_all(tx, composed)
        tx.execute(
            memory.update()
            .where(memory.c.owner == vault.person.id)
            .values(secrets=SecretState.CLEAR)
        )

    await vault.database.write(write)
    return vault


@requirement("export.selected")
async def test_every_page_is_written_once_and_in_order(filled: Vault, tmp_path: Path) -> None:
    selection = Selection(filled.database, filled.clock)

    whole = await selection.export(filled.principal, Filter(), tmp_path / "all.jsonl")
    odd = await selection.export(filled.principal, Filter(tag="odd"), tmp_path / "odd.jsonl")

    lines = (tmp_path / "all.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["content"] for line in lines] == [
        f"Thought {number}" for number in reversed(range(MANY))
    ]
    assert whole == Exported(written=MANY, held_back=0)
    assert odd == Exported(written=MANY // 2, held_back=0)
    assert len((tmp_path / "odd.jsonl").read_bytes().splitlines()) == MANY // 2
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o777 == 0o600


async def test_an_export_that_cannot_be_written_leaves_what_was_there(
    filled: Vault, tmp_path: Path
) -> None:
    selection = Selection(filled.database, filled.clock)
    path = tmp_path / "all.md"
    path.write_text("mine")

    with pytest.raises(ArchiveNotWrittenError):
        await selection.export(filled.principal, Filter(), path, ExportForm.MARKDOWN)

    assert path.read_text() == "mine"
    assert [each for each in files_in(tmp_path) if each.is_file()] == [path]


def files_in(folder: Path) -> list[Path]:
    """Return what lies in a folder."""
    return sorted(folder.iterdir())


@requirement("secrets.leaving")
async def test_a_secret_in_the_address_of_a_clear_text_keeps_it_back(
    vault: Vault, tmp_path: Path
) -> None:
    draft = Draft("Nothing here.", origin=Origin("jsonl", "1", "https://me:s3cret" + "@host/x"))
    new = compose(draft, vault.person.id, vault.clock(), UTC)
    here = memory.c.owner == vault.person.id
    selection = Selection(vault.database, vault.clock)

    def write(tx: Connection) -> None:
        writing.insert_all(tx, [new])
        tx.execute(memory.update().where(here).values(secrets=SecretState.CLEAR))

    await vault.database.write(write)
    assert await selection.export(vault.principal, Filter(), tmp_path / "1") == Exported(0, 1)

    cleared = memory.update().where(here).values(secrets=SecretState.CLEARED)
    await vault.database.write(lambda tx: tx.execute(cleared))
    assert await selection.export(vault.principal, Filter(), tmp_path / "2") == Exported(1, 0)
