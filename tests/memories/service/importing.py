"""What the tests of the importer share: running it, and looking at what is in the vault."""

from datetime import UTC
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.importing.planning import Asked
from mnemosyne.memories.importing.report import ImportReport, UnitReport
from mnemosyne.memories.model import Memory
from mnemosyne.memories.service.importer import Importer, ImportOptions
from mnemosyne.memories.store import erasing, reading, writing
from mnemosyne.memories.store.tables import memory
from tests.clock import SetClock


class Vault:
    """A person's vault, imported into and looked at."""

    def __init__(self, database: Database, principal: Principal, clock: SetClock) -> None:
        self.database = database
        self.principal = principal
        self.clock = clock
        self.importer = Importer(database, clock, UTC)
        self.told: list[UnitReport] = []

    async def bring(
        self, path: Path, asked: Asked | None = None, *, dry_run: bool = False
    ) -> ImportReport:
        """Import ``path``; ``told`` holds what was reported of its units."""
        self.told.clear()
        options = ImportOptions(asked=asked or Asked(), dry_run=dry_run)
        return await self.importer.run(self.principal, path, options, self.told.append)

    async def memories(self) -> list[Memory]:
        """Return all memories, those in the bin too, in the order of their arrival."""

        def read(tx: Connection) -> list[Memory]:
            owner = self.principal.person
            query = select(memory.c.id).where(memory.c.owner == owner).order_by(memory.c.seq)
            return reading.by_ids(tx, owner, list(tx.execute(query).scalars()))

        return await self.database.read(read)

    async def texts(self) -> list[str]:
        """Return what is remembered outside the bin."""
        return [each.content for each in await self.memories() if not each.in_bin]

    async def found(self, word: str) -> int:
        """Return how many memories full text finds by a word."""
        query = text("SELECT count(*) FROM memory_text WHERE memory_text MATCH :word")
        return await self.database.read(lambda tx: tx.execute(query, {"word": word}).scalar_one())

    async def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        query = select(func.count()).select_from(text(table))
        return await self.database.read(lambda tx: tx.execute(query).scalar_one())

    async def forget(self, content: str) -> None:
        """Put the memory that says ``content`` to the bin."""
        found = [each for each in await self.memories() if each.content == content]
        at = self.clock()
        await self.database.write(lambda tx: writing.hide(tx, found, "local", at))

    async def erase(self, content: str) -> None:
        """Erase the memory that says ``content``."""
        ids = [each.id for each in await self.memories() if each.content == content]
        owner = self.principal.person
        await self.database.write(lambda tx: erasing.erase(tx, owner, ids))
