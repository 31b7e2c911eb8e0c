"""Restore a backup in this process, which kills itself before its n-th change of a name.

Run as ``python -m tests.safekeeping.restore_and_die HOME BACKUP N``; prints nothing when it ends
before that.
"""

import os
import signal
import sys
from pathlib import Path

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.clock import SetClock
from tests.safekeeping.vault import PASSPHRASE

# What the interpreter announces before it asks the system.
_CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir"})


def main(home: str, backup: str, steps: str) -> None:
    """Restore, and die at the step of that number among the changes inside the vault's home."""
    left = int(steps)

    def die_in_time(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in _CHANGES or "processes" in str(arguments[0]):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die_in_time)
    choices = RestoreChoices(allow_older=True)
    Restoration(VaultHome(Path(home)), PROVIDERS, SetClock()).restore(
        Path(backup), PASSPHRASE, choices
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
