"""Backups as an erase has to reckon with them: which hold a memory, and where ledgers go."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.memories.ports import BackupCopy
from mnemosyne.safekeeping import destination, ledger, store
from mnemosyne.safekeeping.ledger import Ledger
from mnemosyne.safekeeping.store import EarlierRoot, KnownBackup


class BackupCopies:
    """The backups of one vault, as far as its own book knows them."""

    def __init__(
        self, database: Database, root: RootKey, vault: VaultIdentity, clock: Clock
    ) -> None:
        self._database = database
        self._root = root
        self._vault = vault
        self._clock = clock

    async def holding(self, created_at: datetime) -> tuple[BackupCopy, ...]:
        """Return the backups that hold a memory which was stored at ``created_at``.

        One whose medium is away counts: it cannot be known to be gone. So does one in the making,
        whose moment is not known yet, and what is left of one.
        """
        known = await self._database.read(store.known)
        candidates = [each for each in known if each.latest >= created_at]
        there = await asyncio.to_thread(self._still_there, candidates)
        return tuple(BackupCopy(str(b.path), b.taken_at, b.expires_at) for b in there)

    async def publish_erasures(self) -> tuple[str, ...]:
        """Write the erasure ledger beside every backup; return the places that were not reached."""
        facts = await self._database.read(_look)
        return await asyncio.to_thread(self._write_to, facts)

    def _still_there(self, known: Sequence[KnownBackup]) -> list[KnownBackup]:
        return [each for each in known if is_there(each, self._vault) is not False]

    def _write_to(self, facts: "_Facts") -> tuple[str, ...]:
        folders = dict.fromkeys(each.destination for each in facts.known)
        return tuple(str(folder) for folder in folders if not self._reached(folder, facts))

    def _reached(self, folder: Path, facts: "_Facts") -> bool:
        # An empty folder is what remains of a medium that was taken away.
        if not ledger.lies_in(folder, facts.vault.vault_id):
            return False
        oldest = min(b.taken_at for b in facts.known if b.destination == folder)
        write = ledger.write_each
        return _succeeds(
            lambda: write(folder, facts.erasures, self._root, facts.earlier, facts.vault, oldest)
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What has to be known to write ledgers, of one moment: a key may have been replaced since."""

    vault: VaultIdentity
    known: Sequence[KnownBackup]
    erasures: Ledger
    earlier: Sequence[EarlierRoot]


def _look(tx: Connection) -> _Facts:
    vault = identity.load(tx)
    erasures = ledger.of_vault(tx, vault.vault_id)
    return _Facts(vault, store.known(tx), erasures, store.earlier_roots(tx))


def is_there(known: KnownBackup, vault: VaultIdentity) -> bool | None:
    """Return whether the file of a backup exists; None where its place cannot be reached."""
    try:
        if known.path.exists() or destination.unfinished(known.path).exists():
            return True
        return False if ledger.lies_in(known.destination, vault.vault_id) else None
    except OSError:
        return None


def _succeeds(action: Callable[[], None]) -> bool:
    try:
        action()
    except OSError:
        return False
    return True
