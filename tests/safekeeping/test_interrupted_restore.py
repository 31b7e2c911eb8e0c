"""A restore that is killed at any change leaves the old vault or the new one, never a mixture."""

from pathlib import Path

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.safekeeping import replacing
from mnemosyne.safekeeping.restore_errors import RestoreUnfinishedError
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.dying import Mortals
from tests.safekeeping.vault import Vault, make_vault, open_vault

_MOST_STEPS = 60


@requirement("restore.atomic")
async def test_a_restore_killed_before_any_change_leaves_the_old_vault_or_the_new_one(
    vault: Vault, shelf: Path, clock: SetClock, mortals: Mortals
) -> None:
    await vault.remember("In the backup.")
    made = await vault.back_up(shelf)
    await vault.remember("Only in the old vault.")
    vault.close()
    kept = {path: path.read_bytes() for path in (vault.home.database, vault.home.slots)}
    seen, killed = [], True

    for step in range(_MOST_STEPS):
        for path, content in kept.items():
            path.write_bytes(content)
        killed = mortals.restore(vault.home, made.backup.path, step).killed
        replacing.finish_interrupted(vault.home, VaultLock(vault.home, "test", clock))
        there = open_vault(vault.home, clock)
        old = there.identity.incarnation == vault.identity.incarnation
        expected = ["In the backup.", "Only in the old vault."] if old else ["In the backup."]
        assert await there.texts() == expected
        there.close()
        assert not any(path.exists() for path in replacing.traces(vault.home))
        seen.append(old)
        if not killed:
            break

    assert not killed
    assert seen == sorted(seen, reverse=True)  # before the decision the old one, then the new one
    assert seen.count(False) > 2


@requirement("restore.atomic")
async def test_a_killed_restore_over_another_vault_never_mixes_slots_and_database(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock, mortals: Mortals
) -> None:
    await vault.remember("In the backup.")
    made = await vault.back_up(shelf)
    vault.close()
    home, killed = vault.home, True

    for step in range(_MOST_STEPS):
        home = VaultHome(tmp_path / f"nothing {step}")
        killed = mortals.restore(home, made.backup.path, step).killed
        if home.path.exists():
            replacing.finish_interrupted(home, VaultLock(home, "test", clock))
        if home.exists():  # refuses half of a vault
            there = open_vault(home, clock)
            assert await there.texts() == ["In the backup."]
            there.close()
        if not killed:
            break

    assert not killed
    assert home.exists()


async def test_a_decision_that_the_system_holds_up_is_said_and_carried_out_later(
    tmp_path: Path, clock: SetClock
) -> None:
    home = make_vault(tmp_path / "vault", clock)
    other = make_vault(tmp_path / "other", clock)
    obstacle = home.path / "replaced" / "vault.db" / "full"
    new = other.database.read_bytes()
    obstacle.mkdir(parents=True, mode=0o700)

    with replacing.staging(home) as staged:
        staged.database.write_bytes(new)
        staged.slots.write_bytes(other.slots.read_bytes())
        with pytest.raises(RestoreUnfinishedError) as held_up:
            replacing.replace(home)
    assert "replaces the old one" in held_up.value.why
    obstacle.rmdir()
    obstacle.parent.rmdir()

    with replacing.in_use(home, VaultLock(home, "test", clock)):
        assert home.database.read_bytes() == new
        assert home.slots.read_bytes() == other.slots.read_bytes()
    assert not any(path.exists() for path in replacing.traces(home))


async def test_a_staged_vault_that_is_not_closed_is_not_put_in_place(
    tmp_path: Path, clock: SetClock
) -> None:
    home = make_vault(tmp_path / "vault", clock)
    before = home.database.read_bytes()

    with replacing.staging(home) as staged:
        staged.database.write_bytes(b"new")
        (staged.path / "vault.db-wal").write_bytes(b"what would be lost")
        with pytest.raises(OSError, match="busy"):
            replacing.replace(home)

    assert home.database.read_bytes() == before
    assert not any(path.exists() for path in replacing.traces(home))
