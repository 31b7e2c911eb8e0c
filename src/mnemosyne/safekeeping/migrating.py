"""Bring the vault that is here to the tables of this version, after a backup that was proven."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import CommitUnknownError, StorageFullError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.identity import VaultIdentity
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.migrations.runner import HEAD, NONE, NewerVaultError, OlderVaultError
from mnemosyne.safekeeping import destination, ledger, replacing, snapshot, store
from mnemosyne.safekeeping.backup_errors import BackupNotWrittenError
from mnemosyne.safekeeping.backup_writing import BackupWriter, plan
from mnemosyne.safekeeping.ledger import Ledger
from mnemosyne.safekeeping.migration_errors import MigrationUnknownError
from mnemosyne.safekeeping.store import KnownBackup
from mnemosyne.safekeeping.verify import Verdict


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which revision to which, the backup that was made before, and the entry of the act.

    ``backup`` is None where there was nothing to do.
    """

    before: str
    after: str
    backup: Verdict | None
    entry: int | None


class Migration:
    """Migrates the vault in ``home``, which nobody else may use meanwhile."""

    def __init__(
        self,
        home: VaultHome,
        providers: Sequence[DerivedData],
        clock: Clock,
        command: str = "migrate",
    ) -> None:
        self._home = home
        self._providers = providers
        self._clock = clock
        self._lock = VaultLock(home, command, clock)

    def migrate(
        self,
        secret: Secret,
        folder: Path | None = None,
        told: Callable[[str], None] = lambda _step: None,
    ) -> Migrated:
        """Make and prove a backup in ``folder``, then move the tables on in one transaction.

        Without a folder it lies beside the vault's own.

        Raises:
            VaultMissingError, VaultIncompleteError: there is no whole vault.
            WrongKeyError, SlotsAlteredError, SlotsDamagedError: it does not open.
            VaultBusyError: who else uses it.
            NewerVaultError: a newer program has used it.
            OlderVaultError: it was never finished.
            NoPortableSlotError, BackupDestinationError, BackupNotWrittenError,
            BackupNotProvenError: there is no backup, so nothing was migrated.
            MigrationUnknownError: the disk failed at the end; a second run says what is so.
        """
        replacing.finish_interrupted(self._home, self._lock)
        self._home.require()
        with self._lock.exclusive():
            replacing.finish(self._home)
            root = KeySlots(self._home).unlock(secret)
            key = root.database_key()
            before = snapshot.look(self._home.database, key, runner.revision_of) or NONE
            if before == HEAD:
                return Migrated(before, HEAD, None, None)
            if before == NONE:
                raise OlderVaultError(before)
            if before > HEAD:
                raise NewerVaultError(before)
            made, verdict = self._back_up(root, folder or beside(self._home), told)
            told("moving the tables on")
            try:
                entry = snapshot.change(
                    self._home.database, key, lambda tx: self._move_on(tx, before, made)
                )
            except CommitUnknownError as error:
                raise MigrationUnknownError(made.path) from error
            return Migrated(before, HEAD, verdict, entry)

    def _back_up(
        self, root: RootKey, folder: Path, told: Callable[[str], None]
    ) -> tuple[KnownBackup, Verdict]:
        slots = KeySlots(self._home).portable(root)
        real = destination.resolved(folder, self._home)
        database, key = self._home.database, root.database_key()
        vault, erasures = snapshot.look(database, key, _erasures)
        try:
            planned = snapshot.change(database, key, lambda tx: plan(tx, real, self._clock()))
        except CommitUnknownError as error:
            raise BackupNotWrittenError(real, str(error)) from error
        writer = BackupWriter(self._home, root, self._providers, self._clock)
        try:
            try:
                ledger.write(real, erasures, root, vault)
            except OSError as error:
                raise BackupNotWrittenError(real, error.strerror or str(error)) from error
            taken, verdict = writer.write(planned, slots, told)
        except Exception:
            # Where not even that can be written, why there is no backup is what has to be said.
            with suppress(CommitUnknownError, StorageFullError):
                snapshot.change(database, key, lambda tx: store.drop(tx, [planned.id]))
            raise
        at = self._clock()
        made = replace(taken, verified_at=at, digest=verdict.digest, size=verdict.size)
        return made, verdict

    def _move_on(self, tx: Connection, before: str, made: KnownBackup) -> int | None:
        runner.upgrade(tx)
        store.drop(tx, [made.id])
        store.add(tx, made)
        facts: dict[str, object] = {
            "from": before,
            "to": HEAD,
            "backup": str(made.path),
            "digest": made.digest,
        }
        at = self._clock()
        entries = [
            audit.append(tx, Act(owner, "migrate", "local", "shell", payload=facts), at)
            for owner in accounts.everybody(tx)
        ]
        return entries[0] if entries else None


def beside(home: VaultHome) -> Path:
    """Return the folder for a backup that nobody chose a place for."""
    return home.path.with_name(f"{home.path.name}-backups")


def _erasures(tx: Connection) -> tuple[VaultIdentity, Ledger]:
    vault = identity.load(tx)
    return vault, ledger.of_vault(tx, vault.vault_id)
