"""Let backups go: when they are due, or at once when they still hold something erased."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.durable_file import sync_folder
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.memories.store import erasing, reading
from mnemosyne.safekeeping import sealed_backup, store
from mnemosyne.safekeeping.copies import is_there
from mnemosyne.safekeeping.destination import leftovers, unfinished
from mnemosyne.safekeeping.store import KnownBackup

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, what is kept although it is due, and what could not be reached.

    The newest proven backup is never due: it goes when there is a newer one.
    """

    removed: tuple[KnownBackup, ...]
    kept: tuple[KnownBackup, ...]
    unreached: tuple[KnownBackup, ...]


class Pruning:
    """Remove the backups of one open vault."""

    def __init__(self, database: Database, vault: VaultIdentity, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def prune(self, principal: Principal, *, dry_run: bool = False) -> Pruned:
        """Remove what is past its day; with ``dry_run`` only say so."""
        principal.require(Scope.ADMIN)
        known = await self._database.read(store.known)
        due = [each for each in known if each.expires_at <= self._clock()]
        newest = next((each for each in known if each.verified_at is not None), None)
        going = [each for each in due if each != newest]
        kept = [each for each in due if each == newest]
        return await self._remove(principal, going, kept, dry_run=dry_run)

    async def prune_containing(
        self, principal: Principal, reference: str, *, dry_run: bool = False
    ) -> Pruned:
        """Remove every backup that holds a memory, erased or not; with ``dry_run`` only say so.

        Raises:
            MemoryNotFoundError: there is and was none of that identifier.
            AmbiguousReferenceError: the end of an identifier fits several.
        """
        principal.require(Scope.ADMIN)

        def look(tx: Connection) -> tuple[list[KnownBackup], datetime, datetime | None]:
            stored, erased = _lifetime(tx, principal.person, reference)
            return store.known(tx), stored, erased

        known, stored, erased = await self._database.read(look)
        going = [
            each
            for each in known
            if each.latest >= stored and (erased is None or _begun_at(each) <= erased)
        ]
        return await self._remove(principal, going, [], dry_run=dry_run)

    async def _remove(
        self,
        principal: Principal,
        going: Sequence[KnownBackup],
        kept: Sequence[KnownBackup],
        *,
        dry_run: bool,
    ) -> Pruned:
        if dry_run:
            return Pruned(tuple(going), tuple(kept), ())
        gone = await asyncio.to_thread(lambda: [each for each in going if self._unlinked(each)])
        if gone:
            await self._database.write(lambda tx: self._strike_out(tx, principal, gone))
        unreached = [each for each in going if each not in gone]
        return Pruned(tuple(gone), tuple(kept), tuple(unreached))

    def _strike_out(
        self, tx: Connection, principal: Principal, gone: Sequence[KnownBackup]
    ) -> None:
        store.drop(tx, [each.id for each in gone])
        act = Act(
            owner=principal.person,
            type="backup-prune",
            credential=principal.credential,
            channel=principal.channel,
            payload={"removed": [str(each.path) for each in gone]},
        )
        audit.append(tx, act, self._clock())

    def _unlinked(self, known: KnownBackup) -> bool:
        """Remove the file of a backup, unless another one lies there by now."""
        if is_there(known, self._vault) is None:
            return False
        try:
            for abandoned in leftovers(known.destination):
                abandoned.unlink(missing_ok=True)
            if unfinished(known.path).exists():
                return False  # in the making
            if known.path.exists() and self._is_the_one(known.path, known.counter):
                known.path.unlink()
                sync_folder(known.destination)
        except OSError:
            return False
        return not known.path.exists()

    def _is_the_one(self, path: Path, counter: int) -> bool:
        try:
            header = sealed_backup.header_of(path)
        except MnemosyneError:
            return True  # damaged beyond recognition under the name that we gave
        return (header.vault_id, header.counter) == (self._vault.vault_id, counter)


def _lifetime(
    tx: Connection, owner: Identifier, reference: str
) -> tuple[datetime, datetime | None]:
    """Return when a memory was stored and when it was erased, if it was."""
    wanted = reference.strip().lower().replace("-", "")
    for each in erasing.ledger(tx, owner):
        if len(wanted) >= reading.SHORTEST_REFERENCE and each.memory_id.endswith(wanted):
            return _made_at(each.memory_id), each.requested_at
    return reading.require(tx, owner, reference, binned=True).created_at, None


def _begun_at(known: KnownBackup) -> datetime:
    """Return a moment before the snapshot: ``taken_at`` is one after it, so as to miss nothing."""
    return _made_at(known.id)


def _made_at(identifier: Identifier) -> datetime:
    # RFC 9562 §5.7: the first 48 bits count the milliseconds.
    return _EPOCH + timedelta(milliseconds=int(identifier[:_TIME_DIGITS], 16))
