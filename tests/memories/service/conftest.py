"""A vault to import into."""

import pytest

from mnemosyne.accounts.model import Person
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from tests.clock import SetClock
from tests.memories.service.importing import Vault
from tests.nodes import Node, node_on


@pytest.fixture
def vault(database: Database, principal: Principal, clock: SetClock) -> Vault:
    """Open the person's vault."""
    return Vault(database, principal, clock)


@pytest.fixture
async def node(database: Database, clock: SetClock, person: Person) -> Node:
    """Give the services of the person over the test's database."""
    return await node_on(database, clock, person)
