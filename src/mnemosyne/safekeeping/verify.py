"""Restore a backup to a temporary place and compare it with its manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mnemosyne.kit.database import DatabaseDamagedError
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.migrations import runner
from mnemosyne.migrations.runner import NewerVaultError
from mnemosyne.safekeeping import sealed_backup, snapshot
from mnemosyne.safekeeping.backup_errors import BackupDamagedError, BackupDiffersError
from mnemosyne.safekeeping.manifest import differences
from mnemosyne.safekeeping.sealed_backup import Opened
from mnemosyne.safekeeping.temporary import temporary_folder

DATABASE: Final = "vault.db"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A backup is whole and gives back what went in: which it is, and how much it holds."""

    path: Path
    vault_id: Identifier
    counter: int
    taken_at: datetime
    expires_at: datetime
    app_version: str
    schema_revision: str
    rows: Mapping[str, int]
    size: int
    digest: str


class Verification:
    """Verify backups, with the vault at hand or on a clean machine.

    ``home`` is the vault whose key file may open a backup; the temporary copy, encrypted as the
    vault is, lies in ``folder`` or, without one, in the system's place for temporary files.
    """

    def __init__(
        self,
        providers: Sequence[DerivedData],
        home: VaultHome | None = None,
        folder: Path | None = None,
    ) -> None:
        self._providers = providers
        self._home = home
        self._folder = folder

    def verify(self, path: Path, secret: Secret | RootKey) -> Verdict:
        """Authenticate every byte, open the database in a temporary place, compare everything.

        Raises:
            WrongKeyError, SlotsAlteredError, SlotsDamagedError: it does not open.
            SealedFileDamagedError, BackupDamagedError, BackupExchangedError: it is not whole.
            BackupDiffersError: it holds something else than its manifest says.
        """
        root = sealed_backup.root_of(sealed_backup.header_of(path), secret, self._home)
        with temporary_folder(self._folder) as folder:
            opened = unpack_checked(path, root, folder / DATABASE, self._providers)
        return verdict_of(path, opened)


def unpack_checked(
    path: Path, root: RootKey, database: Path, providers: Sequence[DerivedData]
) -> Opened:
    """Write the database of a backup to the new file ``database`` and compare it with the manifest.

    Raises:
        SealedFileDamagedError, BackupDamagedError, BackupExchangedError, BackupDiffersError
        NewerVaultError: a newer program made it.
    """
    opened = sealed_backup.unpack(path, root, database)
    revision = opened.manifest.contents.schema_revision
    if revision > runner.HEAD:
        raise NewerVaultError(revision)
    key = root.database_key()
    try:
        if found := snapshot.look(database, key, snapshot.damage):
            raise BackupDamagedError(path, found[0])
        actual = snapshot.contents(database, key, providers)
    except DatabaseDamagedError as error:
        raise BackupDamagedError(path, error.detail) from error
    stated = opened.manifest.contents
    if revision < runner.HEAD:  # their checksums walk over the tables of the version that made it
        stated = stated.model_copy(update={"people": {}})
    if differing := differences(stated, actual):
        raise BackupDiffersError(path, differing)
    return opened


def verdict_of(path: Path, opened: Opened) -> Verdict:
    """Return what is said about a backup that was verified."""
    manifest = opened.manifest
    return Verdict(
        path=path,
        vault_id=manifest.contents.vault_id,
        counter=manifest.contents.counter,
        taken_at=manifest.taken_at,
        expires_at=manifest.expires_at,
        app_version=manifest.app_version,
        schema_revision=manifest.contents.schema_revision,
        rows=manifest.contents.rows,
        size=opened.size,
        digest=opened.digest,
    )
