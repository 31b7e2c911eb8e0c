"""A process that takes the lead of a vault's work and then says so and hangs; tests kill it.

usage: python -m tests.events.leader_process PATH
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from mnemosyne.events.dispatcher import Apply, Dispatcher, Handler
from mnemosyne.events.outbox import Event
from mnemosyne.kit.database import Database
from tests.clock import SetClock
from tests.vaults import KEY


async def hang(_events: Sequence[Event]) -> Apply:
    """Say that the work was begun, and never end it."""
    sys.stdout.write("leading\n")
    sys.stdout.flush()
    return await asyncio.Event().wait()  # type: ignore[return-value] # never returns


async def main(path: Path) -> None:
    """Lead."""
    await Dispatcher(Database(path, KEY), [Handler("work", hang)], SetClock()).drain(3600)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
