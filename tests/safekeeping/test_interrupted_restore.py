"""A restore that is killed at any change leaves the old vault or the new one, never a mixture."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.safekeeping import replacing
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import Vault, open_vault

_STEPS = 8  # as many changes of names as there are


def restore_and_die(vault: Vault, backup: Path, step: int) -> int:
    """Restore in another process that kills itself at a step; return its status."""
    command = [sys.executable, "-m", "tests.safekeeping.restore_and_die"]
    done = subprocess.run(
        [*command, str(vault.home.path), str(backup), str(step)],
        check=False,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.returncode


@requirement("restore.atomic")
@pytest.mark.parametrize("step", range(_STEPS))
async def test_a_killed_restore_leaves_the_old_vault_or_the_new_one(
    vault: Vault, shelf: Path, clock: SetClock, step: int
) -> None:
    await vault.remember("In the backup.")
    made = await vault.back_up(shelf)
    await vault.remember("Only in the old vault.")
    vault.close()

    status = restore_and_die(vault, made.backup.path, step)

    assert status == -signal.SIGKILL
    replacing.finish_interrupted(vault.home, VaultLock(vault.home, "test", clock))
    there = open_vault(vault.home, clock)
    old = there.identity.incarnation == vault.identity.incarnation
    expected = ["In the backup.", "Only in the old vault."] if old else ["In the backup."]
    assert await there.texts() == expected
    assert not any(path.exists() for path in replacing.traces(vault.home))
    there.close()
