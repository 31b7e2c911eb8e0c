"""A key that does not fit the database is one clear error, and the driver stays silent."""

import subprocess
import sys

import pytest

from mnemosyne.kit.database import Database, DatabaseDamagedError
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import load, vault
from mnemosyne.kit.vault.root_key import RootKey
from tests.requirements import requirement

# Everything that C code prints lands on the descriptors that the parent reads.
OPEN = """
import asyncio, sys
from pathlib import Path
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.identity import load

database = Database(Path(sys.argv[1]), bytes(32))
for unit in (database.read, database.write):
    try:
        asyncio.run(unit(load))
    except MnemosyneError as error:
        print(error.code)
database.close()
"""


@pytest.fixture
def written(home: VaultHome) -> VaultHome:
    create_file(home.database)
    engine = open_engine(home.database, RootKey.generate().database_key(), read_only=False)
    with engine.begin() as tx:
        vault.create(tx)
    engine.dispose()
    return home


@requirement("vault.wrong-key")
@pytest.mark.parametrize("unit", ["read", "write"])
async def test_the_database_of_another_vault_is_reported(written: VaultHome, unit: str) -> None:
    database = Database(written.database, RootKey.generate().database_key())
    try:
        with pytest.raises(DatabaseDamagedError) as refused:
            await getattr(database, unit)(load)
    finally:
        database.close()

    assert refused.value.code == "database-damaged"
    assert "another vault" in refused.value.why


@requirement("vault.wrong-key")
def test_nothing_of_the_driver_reaches_the_terminal(written: VaultHome) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", OPEN, str(written.database)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert ran.stdout == "database-damaged\ndatabase-damaged\n"
    assert ran.stderr == ""
