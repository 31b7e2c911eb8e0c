"""A process that captures into a vault for ever and names each memory that was acknowledged.

usage: python -m tests.memories.service.writer_process PATH PERSON NAME [TIMES]

Each line is the key of an acknowledged capture and the identifier of its memory, or the key and
the code of an error.
"""

import asyncio
import itertools
import sys
from datetime import UTC
from pathlib import Path

from mnemosyne.kit.clock import system_clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Draft
from mnemosyne.memories.service.memories import Memories
from tests.vaults import KEY


def draft(name: str, number: int) -> Draft:
    """Return what a writer captures under the key ``name-number``."""
    return Draft(f"Thought {number} of {name}.", tags=(name,), attributes={"number": number})


async def main(path: Path, person: str, name: str, times: int | None = None) -> None:
    """Capture one after the other, and say so."""
    database = Database(path, KEY)
    memories = Memories(database, system_clock, UTC)
    principal = Principal.local(person)
    for number in itertools.count() if times is None else range(times):
        key = f"{name}-{number}"
        try:
            captured = await memories.capture(principal, draft(name, number), key)
        except MnemosyneError as error:
            sys.stdout.write(f"{key} {error.code}\n")
        else:
            sys.stdout.write(f"{key} {captured.memory.id}\n")
        sys.stdout.flush()
    database.close()


if __name__ == "__main__":
    _, vault, who, writer, *numbers = sys.argv
    asyncio.run(main(Path(vault), who, writer, *map(int, numbers)))
