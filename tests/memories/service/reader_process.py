"""A process that keeps a snapshot of a vault open until its standard input ends.

usage: python -m tests.memories.service.reader_process PATH
"""

import sys
from pathlib import Path

from sqlalchemy import text

from mnemosyne.kit.database.connections import open_engine
from tests.vaults import KEY


def main(path: Path) -> None:
    """Read, say so, and hold on."""
    with open_engine(path, KEY, read_only=True).connect() as connection:
        connection.execute(text("SELECT count(*) FROM memory")).scalar_one()
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
