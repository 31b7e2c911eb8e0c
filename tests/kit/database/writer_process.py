"""A process of its own that writes to a vault; run by tests that kill it, starve it or fail it.

usage: python -m tests.kit.database.writer_process PATH NAME [ROWS [BYTES]]

Each row that `Database.write` reported as stored is named on standard output at once, and so is
the code of each error.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from sqlalchemy import Connection, text

from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from tests.vaults import KEY

TABLE = "CREATE TABLE IF NOT EXISTS written (name TEXT PRIMARY KEY, filling BLOB)"
ROW = text("INSERT INTO written VALUES (:name, zeroblob(:size))")


async def main(path: Path, name: str, rows: int | None = None, size: int = 100) -> None:
    """Write rows one by one, for ever or ``rows`` of them, and say what became of each."""
    database = Database(path, KEY)
    for number in itertools.count() if rows is None else range(rows):
        row = {"name": f"{name}-{number}", "size": size}

        def work(tx: Connection, row: dict[str, object] = row) -> None:
            tx.execute(ROW, row)

        try:
            await database.write(work)
        except MnemosyneError as error:
            sys.stdout.write(f"{error.code}\n")
        else:
            sys.stdout.write(f"{row['name']}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _, vault, who, *numbers = sys.argv
    asyncio.run(main(Path(vault), who, *map(int, numbers)))
