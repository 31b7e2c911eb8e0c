"""An import that is killed: nothing half-stored, and it goes on where it stopped."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mnemosyne.kit.database import Database
from mnemosyne.memories.importing.report import Counts, UnitReport
from mnemosyne.memories.service.importer import ImportOptions
from tests.memories.importing.builders import chat, export, node
from tests.memories.service.importing import Vault
from tests.requirements import requirement
from tests.vaults import KEY

CONVERSATIONS = 12
MESSAGES = 90  # so that several conversations make several transactions
KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import Engine, event
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.service.importer import Importer, ImportOptions

path, source, person, key, moment = sys.argv[1:]
transactions = 0

def dying(connection, cursor, statement, *_):
    global transactions
    transactions += statement.startswith("INSERT INTO memory ")
    # In the second transaction: after its rows, before its records and checkpoints.
    if transactions == 2 and statement.startswith(moment):
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", dying)
database = Database(Path(path), bytes.fromhex(key))
importer = Importer(database, lambda: datetime.now(UTC), UTC)
asyncio.run(importer.run(Principal.local(person), Path(source), ImportOptions()))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    chats = [
        chat(
            *(node(f"{n}", f"{n - 1}", f"message {n} of {c}") for n in range(MESSAGES)),
            current=f"{MESSAGES - 1}",
            conversation_id=f"conversation-{c}",
        )
        for c in range(CONVERSATIONS)
    ]
    return export(tmp_path / "in", chats)


def killed(path: Path, source: Path, person: str, moment: str) -> int:
    arguments = [str(path), str(source), person, KEY.hex(), moment]
    return subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False).returncode


@requirement("import.resumed", "import.atomic")
@pytest.mark.parametrize("moment", ["INSERT INTO outbox", "INSERT INTO import_checkpoint"])
async def test_a_killed_import_leaves_whole_conversations_and_goes_on(
    vault: Vault, database_path: Path, source: Path, moment: str
) -> None:
    await asyncio.to_thread(vault.database.close)
    person = vault.principal.person
    assert killed(database_path, source, person, moment) == -signal.SIGKILL

    database = Database(database_path, KEY)
    reopened = Vault(database, vault.principal, vault.clock)
    threads = Counter(each.place.thread_id for each in await reopened.memories())
    assert 0 < len(threads) < CONVERSATIONS
    assert set(threads.values()) == {MESSAGES}
    stored = threads.total()
    assert await reopened.rows("import_record") == stored
    assert await reopened.rows("import_checkpoint") == len(threads)
    assert await reopened.rows("outbox") == stored

    all_of_it = CONVERSATIONS * MESSAGES
    report = await reopened.bring(source)
    assert report.counts == Counts(stored=all_of_it - stored, unchanged=stored)
    assert len(set(await reopened.texts())) == all_of_it
    assert (await reopened.bring(source)).counts == Counts(unchanged=all_of_it)
    database.close()


@requirement("import.atomic")
async def test_a_failure_in_the_middle_stores_none_of_its_conversation(
    vault: Vault, source: Path
) -> None:
    class StopError(Exception):
        pass

    def stop(unit: UnitReport) -> None:
        raise StopError(unit.key)

    with pytest.raises(StopError):
        await vault.importer.run(vault.principal, source, ImportOptions(), stop)
    threads = Counter(each.place.thread_id for each in await vault.memories())

    assert set(threads.values()) == {MESSAGES}
    assert (await vault.bring(source)).counts.stored == CONVERSATIONS * MESSAGES - threads.total()


async def test_a_cancelled_import_can_be_taken_up_again(vault: Vault, source: Path) -> None:
    heard = asyncio.Event()
    running = asyncio.create_task(
        vault.importer.run(vault.principal, source, ImportOptions(), lambda _unit: heard.set())
    )
    await heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    await vault.bring(source)
    assert len(set(await vault.texts())) == CONVERSATIONS * MESSAGES
