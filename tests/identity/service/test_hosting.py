"""Pushes of strangers: what they cost others, who read the same node meanwhile."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar, cast

import pytest
from sqlalchemy import Connection, delete

from mnemosyne.identity import store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import lines, read_log
from mnemosyne.identity.service import hosting
from mnemosyne.identity.service.hosting import Hosting
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from tests.identity.people import Someone
from tests.identity.thief import thief_of
from tests.requirements import requirement

T = TypeVar("T")


@requirement("identity.submission")
async def test_others_are_served_while_the_entries_of_a_push_are_checked_one_push_at_a_time(
    ada: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await ada.identities.create(ada.principal)
    served = threading.Event()
    at_a_time = threading.Semaphore(1)

    def slow(data: bytes) -> tuple[Entry, ...]:
        assert at_a_time.acquire(blocking=False)
        assert served.wait(10)
        at_a_time.release()
        return read_log(data)

    monkeypatch.setattr(hosting, "read_log", slow)
    data = lines(mine.history.entries)
    pushes = [asyncio.create_task(ada.hosting.submit(mine.did, data)) for _ in range(3)]

    found = await ada.hosting.find(mine.did)
    assert not any(push.done() for push in pushes)
    served.set()

    assert found == mine.history
    assert await asyncio.gather(*pushes) == [found] * 3


class Erasing:
    """A real database whose person is erased right after each of its writes."""

    def __init__(self, database: Database, owner: Identifier) -> None:
        self._database = database
        self._owner = owner

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._database.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        found = await self._database.write(work)
        await self._database.write(self._erase)
        return found

    def _erase(self, tx: Connection) -> None:
        for table in (store.did, store.did_entry):
            tx.execute(delete(table).where(table.c.owner == self._owner))


async def test_a_push_brings_no_copy_back_of_somebody_who_was_erased_meanwhile(
    ada: Someone,
) -> None:
    mine = await ada.identities.create(ada.principal)
    pushed = lines([(await thief_of(ada)).writes()])
    ada.home.did_log.unlink()
    database = cast("Database", Erasing(ada.database, ada.principal.person))

    await Hosting(database, ada.clock, ada.copies).submit(mine.did, pushed)

    assert not ada.home.did_log.exists()
