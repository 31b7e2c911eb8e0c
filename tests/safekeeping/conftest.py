"""A whole vault, as ``init`` makes it: slots, tables, a person; and the services of safekeeping."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clock import SetClock
from tests.safekeeping.dying import Mortals
from tests.safekeeping.vault import Vault, make_vault, open_vault


@pytest.fixture
def vault(tmp_path: Path, clock: SetClock) -> Iterator[Vault]:
    """Give an open vault with nothing in it."""
    home = make_vault(tmp_path / "vault", clock)
    opened = open_vault(home, clock)
    yield opened
    opened.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Give a folder for backups."""
    folder = tmp_path / "shelf"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="session")
def mortals() -> Iterator[Mortals]:
    """Give a process whose copies die."""
    started = Mortals()
    yield started
    started.close()
