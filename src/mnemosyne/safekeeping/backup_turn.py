"""One backup of a vault at a time, whichever process makes it.

A backup gets its number before its snapshot, and the snapshot holds the number: between the two no
other backup may get one.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from typing import Final

from mnemosyne.kit.vault.durable_file import PRIVATE_FILE
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.safekeeping.backup_errors import BackupNotWrittenError

_AGAIN: Final = 0.2
_NAME: Final = "backup.lock"


async def turn(home: VaultHome) -> Callable[[], None]:
    """Wait until nobody else makes a backup of the vault; return what ends the turn.

    Raises:
        BackupNotWrittenError: the system refused.
    """
    # A file of its own: the folders are locked by whoever opens the vault or changes its slots.
    place = home.processes / _NAME
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    except OSError as error:
        raise BackupNotWrittenError(place, error.strerror or str(error)) from error
    try:
        while not _taken(descriptor):  # noqa: ASYNC110 - another process tells nobody when it ends
            await asyncio.sleep(_AGAIN)
    except BaseException:  # whoever waits may be cancelled
        os.close(descriptor)
        raise
    return lambda: os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
