"""Write the file of one backup and prove it by restoring it once to a temporary place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import DatabaseDamagedError, ReadFailedError, StorageFullError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.safekeeping import destination as destinations
from mnemosyne.safekeeping import retention, sealed_backup, snapshot, store
from mnemosyne.safekeeping.backup_errors import BackupNotProvenError, BackupNotWrittenError
from mnemosyne.safekeeping.manifest import Manifest, app_version
from mnemosyne.safekeeping.sealed_backup import Header
from mnemosyne.safekeeping.store import KnownBackup
from mnemosyne.safekeeping.temporary import remove_leftovers, temporary_folder
from mnemosyne.safekeeping.verify import DATABASE, Verdict, Verification

Progress = Callable[[str], None]


def plan(tx: Connection, folder: Path, at: datetime) -> KnownBackup:
    """Give a backup its number before the snapshot, so that the snapshot knows it."""
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


@dataclass(frozen=True, slots=True)
class BackupWriter:
    """Writes and proves backups of the vault in ``home``, which opens with ``root``."""

    home: VaultHome
    root: RootKey
    providers: Sequence[DerivedData]
    clock: Clock

    def write(
        self, planned: KnownBackup, slots: bytes, told: Progress
    ) -> tuple[KnownBackup, Verdict]:
        """Write and prove the file, which gets its name last.

        Raises:
            BackupNotWrittenError: the system refused, for lack of room for example.
            BackupNotProvenError: what was written does not give back what went in.
        """
        verification = Verification(self.providers, self.home, self.home.path)
        proving = _Proving(verification, self.root, planned)
        try:
            for abandoned in destinations.leftovers(planned.destination):
                abandoned.unlink(missing_ok=True)
            remove_leftovers(self.home.path)
            with temporary_folder(self.home.path) as folder:
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
            raise BackupNotWrittenError(self.home.path, str(error)) from error
        except OSError as error:
            raise BackupNotWrittenError(
                planned.destination, error.strerror or str(error)
            ) from error
        return taken, proving.verdict

    def _seal(self, sink: BinaryIO, planned: KnownBackup, copy: Path, slots: bytes) -> KnownBackup:
        key = self.root.database_key()
        snapshot.take(self.home.database, key, copy)
        # Only now: whatever is in the snapshot was stored before this moment.
        taken = replace(planned, taken_at=self.clock())
        # Signed by the key that the snapshot holds, whatever this process read before.
        vault = snapshot.look(copy, key, identity.load)
        manifest = self._manifest(taken, copy, key)
        header = Header(
            vault_id=vault.vault_id, counter=taken.counter, taken_at=taken.taken_at, slots=slots
        )
        sealed_backup.seal(sink, copy, manifest, header, self.root, vault.node_key)
        return taken

    def _manifest(self, planned: KnownBackup, copy: Path, key: bytes) -> Manifest:
        if found := snapshot.look(copy, key, snapshot.damage):
            raise DatabaseDamagedError(found[0])
        contents = snapshot.contents(copy, key, self.providers)
        size, digest = snapshot.digest(copy)
        return Manifest(
            taken_at=planned.taken_at,
            expires_at=planned.expires_at,
            app_version=app_version(),
            database_size=size,
            database_digest=digest,
            contents=contents,
        )


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
