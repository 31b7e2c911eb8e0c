"""A vault to import into."""

import pytest

from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from tests.clock import SetClock
from tests.memories.service.importing import Vault


@pytest.fixture
def vault(database: Database, principal: Principal, clock: SetClock) -> Vault:
    """Open the person's vault."""
    return Vault(database, principal, clock)
