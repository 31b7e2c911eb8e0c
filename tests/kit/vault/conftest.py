"""A vault's home in an empty folder, and slots that open fast."""

from pathlib import Path
from typing import Final

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.passphrase import Argon2Parameters

FAST: Final = Argon2Parameters(memory_kib=64, passes=1, lanes=1)


@pytest.fixture
def home(tmp_path: Path) -> VaultHome:
    made = VaultHome(tmp_path / "vault")
    made.create()
    return made


@pytest.fixture
def fast() -> Argon2Parameters:
    return FAST
