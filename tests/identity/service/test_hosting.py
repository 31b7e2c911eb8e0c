"""Pushes of strangers: what they cost others, who read the same node meanwhile."""

import asyncio
import threading

import pytest

from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import lines, read_log
from mnemosyne.identity.service import hosting
from tests.identity.people import Someone
from tests.requirements import requirement


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
