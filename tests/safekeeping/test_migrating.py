"""An older vault comes over in one transaction, after a proven backup; or stays as it is."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.accounts.tokens import Tokens
from mnemosyne.audit.service import verify_receipt
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.home import VaultHome, VaultMissingError
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.kit.vault.slot_errors import NoPortableSlotError, WrongKeyError
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.migrations.runner import HEAD, NewerVaultError, OlderVaultError
from mnemosyne.safekeeping import ledger, snapshot
from mnemosyne.safekeeping.backup_errors import BackupDestinationError, BackupNotWrittenError
from mnemosyne.safekeeping.migrating import Migration
from mnemosyne.safekeeping.migration_errors import MigrationUnknownError
from mnemosyne.safekeeping.restore import Restoration
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.dying import Mortals
from tests.safekeeping.older import EARLIER, MEMORIES, NODE_KEY, OLDER, make_older_vault
from tests.safekeeping.vault import PASSPHRASE, open_vault

_MOST_STEPS = 200


@pytest.fixture
def older(tmp_path: Path, clock: SetClock) -> VaultHome:
    return make_older_vault(tmp_path / "vault", clock)


def migration(home: VaultHome, clock: SetClock) -> Migration:
    return Migration(home, PROVIDERS, clock)


def revision_of(home: VaultHome) -> str | None:
    key = KeySlots(home).unlock(PASSPHRASE).database_key()
    return snapshot.look(home.database, key, runner.revision_of)


def dump_of(home: VaultHome) -> dict[str, list[str]]:
    """Return every row of every table but those that making a backup changes."""

    def read(tx: Connection) -> dict[str, list[str]]:
        names = tx.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ).scalars()
        return {
            name: sorted(map(repr, tx.exec_driver_sql(f'SELECT * FROM "{name}"').all()))  # noqa: S608 - names of the schema
            for name in names
            if name not in {"backup", "vault"}
        }

    return snapshot.look(home.database, KeySlots(home).unlock(PASSPHRASE).database_key(), read)


@requirement("vault.migration-backup")
@pytest.mark.parametrize("revision", EARLIER)
async def test_an_older_vault_is_migrated_after_a_backup_and_works(
    tmp_path: Path, shelf: Path, clock: SetClock, revision: str
) -> None:
    older = make_older_vault(tmp_path / "vault", clock, revision=revision)
    steps: list[str] = []

    done = migration(older, clock).migrate(PASSPHRASE, shelf, steps.append)

    assert (done.before, done.after) == (revision, HEAD)
    assert done.backup is not None
    assert done.backup.path.parent == shelf
    assert done.backup.schema_revision == revision
    assert done.backup.rows["memory"] == len(MEMORIES)
    assert steps[-1] == "moving the tables on"
    vault = open_vault(older, clock)
    assert await vault.texts() == sorted(MEMORIES)
    await vault.remember("And it goes on.")
    assert len(await vault.backups.known(vault.principal)) == 1
    _, secret = await Tokens(vault.database, clock).create(
        vault.principal, "script", [Scope.MEMORY_READ]
    )
    admitted = await Tokens(vault.database, clock).admit(secret)
    assert admitted.principal.person == vault.person.id
    made = await vault.back_up(shelf)
    assert made.backup.counter == 2
    vault.close()


@requirement("vault.migration-backup")
async def test_acts_recorded_before_have_receipts_that_verify_after(
    older: VaultHome, shelf: Path, clock: SetClock
) -> None:
    done = migration(older, clock).migrate(PASSPHRASE, shelf)
    vault = open_vault(older, clock)

    entries = await vault.audit.entries(vault.principal)
    receipts = [await vault.audit.receipt(vault.principal, each.seq) for each in entries]

    assert [each.type for each in entries][-3:] == ["passphrase-replaced", "slot-added", "init"]
    assert any(each.type == "migrate" and each.seq == done.entry for each in entries)
    assert vault.identity.node_key.public == NODE_KEY.public
    assert {verify_receipt(each) for each in receipts} == {vault.identity.node_key.fingerprint}
    vault.close()


@requirement("vault.migration-backup")
async def test_the_backup_made_before_restores_into_this_version(
    older: VaultHome, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    not_migrated = VaultHome(tmp_path / "copy")
    shutil.copytree(older.path, not_migrated.path)
    backup = migration(older, clock).migrate(PASSPHRASE, shelf).backup
    assert backup is not None

    for home in (VaultHome(tmp_path / "elsewhere"), not_migrated):
        Restoration(home, PROVIDERS, clock).restore(backup.path, PASSPHRASE)

        vault = open_vault(home, clock)
        assert revision_of(home) == HEAD
        assert await vault.texts() == sorted(MEMORIES)
        vault.close()


def test_without_a_folder_the_backup_lies_beside_the_vault(
    older: VaultHome, clock: SetClock
) -> None:
    done = migration(older, clock).migrate(PASSPHRASE)

    assert done.backup is not None
    folder = older.path.with_name("vault-backups")
    assert done.backup.path.parent == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    vault_id = done.backup.vault_id
    assert (folder / ledger.file_name(vault_id)).exists()


def test_a_vault_of_this_version_is_left_alone(
    older: VaultHome, shelf: Path, clock: SetClock
) -> None:
    migration(older, clock).migrate(PASSPHRASE, shelf)
    before = older.database.read_bytes()

    again = migration(older, clock).migrate(PASSPHRASE, shelf)

    assert again.backup is None
    assert again.entry is None
    assert older.database.read_bytes() == before


@requirement("vault.migration-backup")
def test_without_a_backup_nothing_is_migrated(older: VaultHome, clock: SetClock) -> None:
    before = dump_of(older)

    with pytest.raises(BackupDestinationError):
        migration(older, clock).migrate(PASSPHRASE, older.path / "backups")

    assert dump_of(older) == before
    assert revision_of(older) == OLDER


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@requirement("vault.migration-backup")
@pytest.mark.parametrize(("pages", "reached"), [(4, OLDER), (0, HEAD)])
def test_where_the_disk_fails_at_the_end_a_second_run_says_what_is_so(
    older: VaultHome, shelf: Path, clock: SetClock, pages: int, reached: str
) -> None:
    size = older.database.stat().st_size
    with ExitStack() as failing:

        def told(step: str) -> None:
            if step == "moving the tables on":
                failing.enter_context(no_file_larger_than(4096 * pages or size))

        with pytest.raises(MigrationUnknownError) as unknown:
            migration(older, clock).migrate(PASSPHRASE, shelf, told)

    assert revision_of(older) == reached  # the log is full, or the file is that it goes into
    assert unknown.value.backup.exists()
    assert "`mnemosyne migrate` again" in unknown.value.hint
    migration(older, clock).migrate(PASSPHRASE, shelf)
    assert revision_of(older) == HEAD


def test_where_the_disk_fails_before_there_is_a_backup_nothing_is_migrated(
    older: VaultHome, shelf: Path, clock: SetClock
) -> None:
    with (
        no_file_larger_than(older.database.stat().st_size // 2),
        pytest.raises(BackupNotWrittenError),
    ):
        migration(older, clock).migrate(PASSPHRASE, shelf)

    assert revision_of(older) == OLDER


@requirement("vault.migration-backup")
def test_a_vault_whose_backup_nothing_could_open_is_not_migrated(
    tmp_path: Path, shelf: Path, clock: SetClock
) -> None:
    key = KeyFile(bytes(32))
    home = make_older_vault(tmp_path / "vault", clock, key)

    with pytest.raises(NoPortableSlotError):
        migration(home, clock).migrate(key, shelf)

    assert list(shelf.iterdir()) == []


def test_who_else_uses_the_vault_is_named_and_nothing_is_done(
    older: VaultHome, shelf: Path, clock: SetClock
) -> None:
    with (
        VaultLock(older, "mnemosyne search", clock).shared(),
        pytest.raises(VaultBusyError, match="mnemosyne search"),
    ):
        migration(older, clock).migrate(PASSPHRASE, shelf)

    assert revision_of(older) == OLDER
    assert list(shelf.iterdir()) == []


def test_a_wrong_key_no_vault_and_a_newer_vault_are_refused(
    older: VaultHome, tmp_path: Path, shelf: Path, clock: SetClock
) -> None:
    with pytest.raises(WrongKeyError):
        migration(older, clock).migrate(Passphrase("another-one-entirely"), shelf)
    with pytest.raises(VaultMissingError):
        migration(VaultHome(tmp_path / "none"), clock).migrate(PASSPHRASE, shelf)
    key = KeySlots(older).unlock(PASSPHRASE).database_key()
    for revision, refusal in (("9999", NewerVaultError), (None, OlderVaultError)):
        change = (
            f"UPDATE alembic_version SET version_num = '{revision}'"  # noqa: S608 - a constant
            if revision
            else "DELETE FROM alembic_version"
        )
        snapshot.change(older.database, key, lambda tx, sql=change: tx.execute(text(sql)))  # type: ignore[misc]
        with pytest.raises(refusal):
            migration(older, clock).migrate(PASSPHRASE, shelf)
    assert list(shelf.iterdir()) == []


@requirement("vault.migration-backup")
def test_a_migration_killed_at_any_statement_leaves_the_old_vault_whole(
    older: VaultHome, shelf: Path, tmp_path: Path, clock: SetClock, mortals: Mortals
) -> None:
    before = dump_of(older)
    copy = VaultHome(tmp_path / "copy")
    killed, seen = True, []

    for step in range(0, _MOST_STEPS, 23):
        shutil.rmtree(copy.path, ignore_errors=True)
        shutil.copytree(older.path, copy.path)
        killed = mortals.migrate(copy, shelf, step).killed
        old = revision_of(copy) == OLDER
        if old:
            assert dump_of(copy) == before
        seen.append(old)
        if not killed:
            break

    assert not killed
    assert seen[-1] is False
    assert {True, False} == set(seen)
    migration(copy, clock).migrate(PASSPHRASE, shelf)
    assert revision_of(copy) == HEAD
