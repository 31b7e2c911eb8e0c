from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.clock import SetClock
from tests.identity.people import NEW_PHRASE, Someone, someone
from tests.vaults import copy_file


@pytest.fixture
async def ada(database_path: Path, clock: SetClock) -> AsyncIterator[Someone]:
    """Give a person with a vault and no DID yet."""
    made = await someone(database_path, clock, "Ada")
    yield made
    made.database.close()


@pytest.fixture
async def mira(database_template: Path, tmp_path: Path, clock: SetClock) -> AsyncIterator[Someone]:
    """Give another person on another node."""
    path = copy_file(database_template, tmp_path / "mira.db")
    made = await someone(path, clock, "Mira", NEW_PHRASE)
    yield made
    made.database.close()
