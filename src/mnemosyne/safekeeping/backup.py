"""Make backups of an open vault, prove each by restoring it once, and let old ones go."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database, DatabaseDamagedError, ReadFailedError, StorageFullError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.key_file_errors import BadPlace, KeyFilePlaceError
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping import destination as destinations
from mnemosyne.safekeeping import ledger, retention, sealed_backup, snapshot, store
from mnemosyne.safekeeping.backup_errors import BackupNotProvenError, BackupNotWrittenError
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.manifest import Manifest, app_version
from mnemosyne.safekeeping.sealed_backup import Header
from mnemosyne.safekeeping.store import KnownBackup
from mnemosyne.safekeeping.temporary import remove_leftovers, temporary_folder
from mnemosyne.safekeeping.verify import DATABASE, Verdict, Verification

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was restored once: what it is, and the entry whose receipt states it.

    ``unreached`` names places of earlier backups whose erasure ledger could not be written.
    """

    backup: KnownBackup
    verdict: Verdict
    entry: int
    unreached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenVault:
    """What making a backup needs to know of the vault that is open, and of its key file in use."""

    home: VaultHome
    root: RootKey
    identity: VaultIdentity
    key_file: Path | None = None


class Backups:
    """The backups of one open vault."""

    def __init__(
        self,
        database: Database,
        vault: OpenVault,
        providers: Sequence[DerivedData],
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._providers = providers
        self._clock = clock
        self._copies = BackupCopies(database, vault.root, vault.identity, clock)
        self._verification = Verification(providers, vault.home, vault.home.path)

    async def make(
        self, principal: Principal, folder: Path, progress: Progress = lambda _step: None
    ) -> MadeBackup:
        """Write a backup to ``folder``, restore it to a temporary place and compare the two.

        Raises:
            BackupDestinationError: the folder is no place for it.
            KeyFilePlaceError: the key file in use lies there.
            NoPortableSlotError: the vault opens with a key file only, and so nothing would open
                the backup on another machine.
            BackupNotWrittenError: the system refused, for lack of room for example.
            BackupNotProvenError: what was written does not give back what went in.
        """
        principal.require(Scope.ADMIN)
        slots = await asyncio.to_thread(self._portable_slots)
        real = await asyncio.to_thread(destinations.resolved, folder, self._vault.home)
        key_file = self._vault.key_file
        if key_file is not None and key_file.resolve().is_relative_to(real):
            raise KeyFilePlaceError(key_file, BadPlace.BACKUP_DESTINATION, real)
        planned = await self._plan(real)
        loop = asyncio.get_running_loop()

        def told(step: str) -> None:
            loop.call_soon_threadsafe(progress, step)

        try:
            await self._publish(real)
            taken, verdict = await asyncio.to_thread(self._write, planned, slots, told)
        except Exception:
            await self._database.write(lambda tx: store.drop(tx, [planned.id]))
            raise
        # Who cancels does not stop the thread: its file may still come, so it stays in the book.
        return await self._record(principal, taken, verdict)

    async def known(self, principal: Principal) -> list[KnownBackup]:
        """Return every backup of this vault that is written down, the newest first."""
        principal.require(Scope.ADMIN)
        return await self._database.read(store.known)

    async def verify(self, principal: Principal, path: Path) -> Verdict:
        """Restore a backup of this vault to a temporary place, compare, and write down the day.

        Raises:
            SealedFileDamagedError, BackupDamagedError, BackupExchangedError, BackupDiffersError
        """
        principal.require(Scope.ADMIN)
        real = await asyncio.to_thread(path.resolve)
        verdict = await asyncio.to_thread(self._verification.verify, real, self._vault.root)
        at = self._clock()

        def write(tx: Connection) -> None:
            known = store.at_path(tx, real)
            if known is not None and known.counter == verdict.counter:
                store.verified(tx, known.id, at, verdict.digest, verdict.size)

        await self._database.write(write)
        return verdict

    def _portable_slots(self) -> bytes:
        return KeySlots(self._vault.home).portable(self._vault.root)

    async def _plan(self, folder: Path) -> KnownBackup:
        """Give the backup its number before the snapshot, so that the snapshot knows it."""
        at = self._clock()

        def write(tx: Connection) -> KnownBackup:
            here = [each for each in store.known(tx) if each.destination == folder]
            store.drop(tx, [each.id for each in here if _came_to_nothing(each, at)])
            earlier = [each.taken_at for each in here if each.verified_at is not None]
            counter = identity.next_backup_counter(tx)
            # After a restore of an older one, numbers may lie there that this vault never gave.
            while (path := folder / sealed_backup.name_of(at, counter)).exists():
                counter = identity.next_backup_counter(tx)
            due = retention.expires(at, earlier)
            new = KnownBackup(new_id(at), path, counter, at, due, None, "", 0)
            store.add(tx, new)
            return new

        return await self._database.write(write)

    async def _publish(self, folder: Path) -> None:
        """Put the ledger beside the backup before there is a backup."""
        vault = self._vault
        erasures = await self._database.read(
            lambda tx: ledger.of_vault(tx, vault.identity.vault_id)
        )
        try:
            await asyncio.to_thread(ledger.write, folder, erasures, vault.root, vault.identity)
        except OSError as error:
            raise BackupNotWrittenError(folder, error.strerror or str(error)) from error

    def _write(
        self, planned: KnownBackup, slots: bytes, told: Progress
    ) -> tuple[KnownBackup, Verdict]:
        """Write and prove the file, which gets its name last."""
        home = self._vault.home
        proving = _Proving(self._verification, self._vault.root, planned)
        try:
            for abandoned in destinations.leftovers(planned.destination):
                abandoned.unlink(missing_ok=True)
            remove_leftovers(home.path)
            with temporary_folder(home.path) as folder:
                told("taking a snapshot and sealing it")
                copy = folder / DATABASE

                # The file is there before the snapshot: an erase that comes later finds it.
                def content(sink: BinaryIO) -> KnownBackup:
                    taken = self._seal(sink, planned, copy, slots)
                    copy.unlink()  # its room is needed for the restored one
                    told("restoring it to a temporary place")
                    return taken

                taken = destinations.write_whole(planned.path, content, proving)
        except (StorageFullError, ReadFailedError) as error:
            raise BackupNotWrittenError(home.path, str(error)) from error
        except OSError as error:
            raise BackupNotWrittenError(
                planned.destination, error.strerror or str(error)
            ) from error
        return taken, proving.verdict

    def _seal(self, sink: BinaryIO, planned: KnownBackup, copy: Path, slots: bytes) -> KnownBackup:
        vault = self._vault
        snapshot.take(self._database.path, vault.root.database_key(), copy)
        # Only now: whatever is in the snapshot was stored before this moment.
        taken = replace(planned, taken_at=self._clock())
        manifest = self._manifest(taken, copy)
        header = Header(
            vault_id=vault.identity.vault_id,
            counter=taken.counter,
            taken_at=taken.taken_at,
            slots=slots,
        )
        sealed_backup.seal(sink, copy, manifest, header, vault.root, vault.identity.node_key)
        return taken

    def _manifest(self, planned: KnownBackup, copy: Path) -> Manifest:
        key = self._vault.root.database_key()
        if found := snapshot.look(copy, key, snapshot.damage):
            raise DatabaseDamagedError(found[0])
        contents = snapshot.contents(copy, key, self._providers)
        size, digest = snapshot.digest(copy)
        return Manifest(
            taken_at=planned.taken_at,
            expires_at=planned.expires_at,
            app_version=app_version(),
            database_size=size,
            database_digest=digest,
            contents=contents,
        )

    async def _record(
        self, principal: Principal, planned: KnownBackup, verdict: Verdict
    ) -> MadeBackup:
        at = self._clock()
        made = replace(planned, verified_at=at, digest=verdict.digest, size=verdict.size)
        act = Act(
            owner=principal.person,
            type="backup",
            credential=principal.credential,
            channel=principal.channel,
            payload=_facts(made),
        )

        def write(tx: Connection) -> int:
            store.drop(tx, [made.id])
            store.add(tx, made)
            return audit.append(tx, act, at)

        entry = await self._database.write(write)
        # What was erased while it was being made.
        unreached = await self._copies.publish_erasures()
        return MadeBackup(made, verdict, entry, unreached)


def _came_to_nothing(planned: KnownBackup, at: datetime) -> bool:
    """Return whether a backup was begun long ago, by a process that died, and has no file."""
    return planned.verified_at is None and planned.latest < at and not planned.path.exists()


class _Proving:
    """The proof of a backup that has no name yet; ``verdict`` is there once it succeeded."""

    verdict: Verdict

    def __init__(self, verification: Verification, root: RootKey, planned: KnownBackup) -> None:
        self._verification = verification
        self._root = root
        self._planned = planned

    def __call__(self, unfinished: Path) -> None:
        path = self._planned.path
        try:
            found = self._verification.verify(unfinished, self._root)
        except (MnemosyneError, OSError) as error:
            raise BackupNotProvenError(path, str(error)) from error
        if found.counter != self._planned.counter:
            raise BackupNotProvenError(path, f"It holds number {found.counter}")
        self.verdict = replace(found, path=path)


def _facts(made: KnownBackup) -> dict[str, object]:
    return {
        "path": str(made.path),
        "counter": made.counter,
        "taken_at": made.taken_at.isoformat(),
        "expires_at": made.expires_at.isoformat(),
        "verified_at": made.verified_at.isoformat() if made.verified_at else "",
        "digest": made.digest,
        "size": made.size,
    }
