"""A vault is made once, in a folder of its owner's alone, and never made anew by half."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.vault.home import (
    VaultExistsError,
    VaultHome,
    VaultHomeSharedError,
    VaultIncompleteError,
    VaultMissingError,
)
from mnemosyne.kit.vault.identity import vault
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.slots import KeySlots
from tests.clock import START, SetClock

# As much as the machine allows is allowed first, so that the refusal is ours.
CRASH = """
import os, resource
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
from mnemosyne.kit.vault.home import switch_core_dumps_off
switch_core_dumps_off()
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
os.abort()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fill(home: VaultHome) -> None:
    home.database.write_bytes(b"database")
    home.slots.write_bytes(b"slots")


def test_the_folders_are_private_whatever_the_umask_says(tmp_path: Path) -> None:
    home = VaultHome(tmp_path / "somewhere" / "vault")
    before = os.umask(0)
    try:
        home.create()
    finally:
        os.umask(before)

    assert [mode(home.path), mode(home.processes)] == [0o700, 0o700]


async def test_everything_in_it_is_private_whatever_the_umask_says(home: VaultHome) -> None:
    before = os.umask(0)
    try:
        slots = KeySlots(home)
        root = slots.create([KeyFile(bytes(32))], at=START)
        slots.add(root, KeyFile(b"n" * 32), at=START)
        create_file(home.database)
        database = Database(home.database, root.database_key())
        with VaultLock(home, "mnemosyne add", SetClock()).shared(0):
            await database.write(vault.create)
            found = {path.name.split("-")[-1]: mode(path) for path in home.path.rglob("*")}
        database.close()
    finally:
        os.umask(before)

    assert found.pop("processes") == 0o700
    assert set(found) >= {"vault.db", "wal", "shm", "vault.slots", "vault.slots.previous"}
    assert set(found.values()) == {0o600}


def test_an_empty_folder_that_is_there_becomes_private(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir(mode=0o755)

    VaultHome(tmp_path / "vault").create()

    assert mode(tmp_path / "vault") == 0o700


def test_a_folder_in_use_that_others_can_enter_is_refused_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "holiday.jpg").write_bytes(b"x")

    with pytest.raises(VaultHomeSharedError) as refused:
        VaultHome(tmp_path).create()

    assert refused.value.code == "vault-home-shared"
    assert "chmod 700" in refused.value.hint
    assert mode(tmp_path) == 0o755


def test_an_interrupted_creation_can_be_repeated(home: VaultHome) -> None:
    home.create()

    assert not home.exists()


def test_a_vault_that_exists_is_not_made_again(home: VaultHome) -> None:
    fill(home)

    with pytest.raises(VaultExistsError) as refused:
        home.create()

    assert refused.value.code == "vault-exists"
    assert home.database.read_bytes() == b"database"
    assert home.slots.read_bytes() == b"slots"


def test_where_nothing_is_the_person_is_told_how_to_make_a_vault(home: VaultHome) -> None:
    with pytest.raises(VaultMissingError) as refused:
        home.require()

    assert refused.value.code == "vault-missing"
    assert "mnemosyne init" in refused.value.hint


def test_a_whole_vault_is_let_through(home: VaultHome) -> None:
    fill(home)

    home.require()

    assert home.exists()


@pytest.mark.parametrize("missing", ["database", "slots"])
def test_half_a_vault_is_reported_and_not_made_anew(home: VaultHome, missing: str) -> None:
    fill(home)
    path: Path = getattr(home, missing)
    path.unlink()

    for act in (home.create, home.require, home.exists):
        with pytest.raises(VaultIncompleteError) as refused:
            act()
        assert refused.value.code == "vault-incomplete"
        assert path.name in str(refused.value)

    assert not path.exists()


def test_lost_slots_are_looked_for_where_the_previous_ones_lie(home: VaultHome) -> None:
    home.database.write_bytes(b"database")
    home.previous_slots.write_bytes(b"slots")

    with pytest.raises(VaultIncompleteError) as refused:
        home.require()

    assert refused.value.hint.startswith("Copy vault.slots.previous to vault.slots")


def test_a_crash_leaves_no_core_dump(tmp_path: Path) -> None:
    crashed = subprocess.run([sys.executable, "-c", CRASH], cwd=tmp_path, check=False)

    assert crashed.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []
