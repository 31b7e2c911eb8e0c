"""Records with a vault around them."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultIdentity
from tests.audit.records import Record, fill, record_of
from tests.clock import START, SetClock
from tests.conftest import add_person
from tests.vaults import KEY, copy_file


@pytest.fixture
async def vault(database: Database, clock: SetClock) -> VaultIdentity:
    """Name the vault and make its node key."""
    return await database.write(lambda tx: identity.create(tx, clock()))


@pytest.fixture(scope="session")
def filled_file(
    database_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Principal]]:
    """Make the records of two people once; copy the file, never open it."""
    path = copy_file(database_template, tmp_path_factory.mktemp("records") / "vault.db")
    people = [
        add_person(path, name, START + timedelta(seconds=n)) for n, name in enumerate(("A", "B"))
    ]
    principals = [Principal.local(each.id) for each in people]
    database = Database(path, KEY)
    asyncio.run(fill(database, principals))
    database.close()
    return path, principals


@pytest.fixture
def record(
    filled_file: tuple[Path, list[Principal]], tmp_path: Path, clock: SetClock
) -> Iterator[Record]:
    """Give the record of a person, beside that of somebody else."""
    path, people = filled_file
    database = Database(copy_file(path, tmp_path / "vault.db"), KEY)
    yield record_of(database, people, clock)
    database.close()
