"""Restores where something is already: an old log, half a restore, a process, a wrong manifest."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.memories.service.search import Search
from mnemosyne.safekeeping import ledger, replacing, sealed_backup
from mnemosyne.safekeeping.backup_errors import BackupDiffersError
from mnemosyne.safekeeping.manifest import TableState, checksums
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, Vault, open_vault

# A restore adds its own entry to these.
_OF_THE_RECORD = {"audit_entry", "audit_payload"}
_CHOICES = RestoreChoices(allow_older=True)


def restoration(home: VaultHome, clock: SetClock) -> Restoration:
    return Restoration(home, PROVIDERS, clock)


async def found(vault: Vault, question: str) -> list[str]:
    embedders = HashedWordsOnly(HashedWords())
    search = Search(vault.database, vault.clock, embedders, UTC)
    answered = await search.search(vault.principal, question)
    return sorted(hit.memory.content for hit in answered.hits)


@requirement("restore.equal")
async def test_checksums_after_a_restore_equal_those_of_the_manifest(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    binned = await vault.remember("Nobody needs this.", attributes={"β": [1, 2.5, None, "ü"]})
    await vault.remember("The quince tree blooms.", tags=("garden",), importance=0.25)
    await vault.bin.forget(vault.principal, [binned.id])
    made = await vault.back_up(shelf)
    stated = sealed_backup.unpack(made.backup.path, vault.root, tmp_path / "copy.db").manifest
    elsewhere = VaultHome(tmp_path / "elsewhere")

    restoration(elsewhere, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(elsewhere, clock)
    now = await there.database.read(lambda tx: checksums(tx, PROVIDERS, vault.person.id))
    there.close()
    expected = stated.contents.people[vault.person.id].tables
    assert now.keys() == expected.keys()
    for name in now.keys() - _OF_THE_RECORD:
        assert (now[name].rows, now[name].digest) == (expected[name].rows, expected[name].digest)


@requirement("restore.equal", "restore.checked-first")
@pytest.mark.parametrize("planted", ["rows", "checksum", "audit head"])
async def test_a_backup_that_does_not_hold_what_it_states_is_not_restored(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock, planted: str
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    copy = tmp_path / "copy.db"
    opened = sealed_backup.unpack(made.backup.path, vault.root, copy)
    contents = opened.manifest.contents
    person = contents.people[vault.person.id]
    state = TableState(rows=person.tables["memory"].rows, digest="0" * 64)
    changed = {
        "rows": contents.model_copy(update={"rows": {**contents.rows, "memory": 2}}),
        "checksum": contents.model_copy(
            update={
                "people": {
                    vault.person.id: person.model_copy(
                        update={"tables": {**person.tables, "memory": state}}
                    )
                }
            }
        ),
        "audit head": contents.model_copy(
            update={
                "people": {vault.person.id: person.model_copy(update={"audit_digest": "0" * 64})}
            }
        ),
    }[planted]
    lying = opened.manifest.model_copy(update={"contents": changed})
    with made.backup.path.open("wb") as sink:
        sealed_backup.seal(sink, copy, lying, opened.header, vault.root, vault.identity.node_key)
    vault.close()
    before = vault.home.database.read_bytes()

    with pytest.raises(BackupDiffersError):
        restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    assert vault.home.database.read_bytes() == before


@requirement("restore.atomic")
@pytest.mark.parametrize("state", ["killed", "damaged", "lost"])
async def test_the_log_of_the_old_vault_is_not_replayed_into_the_restored_one(
    vault: Vault, shelf: Path, clock: SetClock, state: str
) -> None:
    await vault.remember("In the backup.")
    made = await vault.back_up(shelf)
    await vault.database.checkpoint()
    await vault.remember("Only in the log.")
    log = vault.home.path / "vault.db-wal"
    image = {path: path.read_bytes() for path in (vault.home.database, log)}
    vault.close()
    for path, content in image.items():  # as a process that was killed leaves them
        path.write_bytes(content)
    if state == "damaged":
        vault.home.database.write_bytes(b"\0" * len(image[vault.home.database]))
    if state == "lost":
        vault.home.database.unlink()
        vault.home.slots.unlink()

    choices = RestoreChoices(allow_older=True, without_ledger=True)
    restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE, choices)

    assert not log.exists()
    there = open_vault(vault.home, clock)
    assert await there.texts() == ["In the backup."]
    assert await found(there, "log") == []
    there.close()


async def test_what_an_interrupted_restore_left_does_not_hinder_the_next(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("In the backup.")
    made = await vault.back_up(shelf)
    vault.close()
    for folder in replacing.traces(vault.home):
        folder.mkdir(mode=0o700)
        (folder / "vault.db").write_bytes(b"half a database")
        (folder / "vault.db-wal").write_bytes(b"and its log")

    restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE, _CHOICES)

    there = open_vault(vault.home, clock)
    assert await there.texts() == ["In the backup."]
    assert not any(path.exists() for path in replacing.traces(vault.home))
    there.close()


async def test_a_decided_restore_is_carried_out_before_the_next_begins(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    gone = await vault.remember("Erased in the vault that was restored first.")
    made = await vault.back_up(shelf)
    clock.advance(timedelta(hours=1))
    await vault.erase(gone)
    vault.close()
    newest = vault.home.database.read_bytes()
    (shelf / ledger.file_name(vault.identity.vault_id)).unlink()
    with replacing.staging(vault.home) as staged:
        staged.database.write_bytes(newest)
        (staged.path / "ready").touch()
    vault.home.database.unlink()

    restored = restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE, _CHOICES)

    assert restored.erased_again == 1
    there = open_vault(vault.home, clock)
    assert await there.texts() == []
    there.close()


@requirement("processes.exclusive", "restore.incarnation")
async def test_no_process_holds_a_vault_over_its_restore_and_the_next_sees_a_new_incarnation(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree is in the backup.")
    made = await vault.back_up(shelf)
    await vault.remember("This quince tree is not.")
    lock = VaultLock(vault.home, "serve", clock)

    with replacing.in_use(vault.home, lock):
        assert len(await found(vault, "quince tree")) == 2
        with pytest.raises(VaultBusyError) as refused:
            restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE, _CHOICES)
        assert "serve" in str(refused.value)
        assert len(await found(vault, "quince tree")) == 2
    vault.close()
    restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE, _CHOICES)

    with replacing.in_use(vault.home, lock):
        there = open_vault(vault.home, clock)
        assert there.identity.vault_id == vault.identity.vault_id
        assert there.identity.incarnation != vault.identity.incarnation
        assert await found(there, "quince tree") == ["The quince tree is in the backup."]
        there.close()


async def test_what_a_crash_left_in_temporary_folders_goes_when_the_vault_is_opened(
    vault: Vault, clock: SetClock
) -> None:
    left = vault.home.path / "temporary-of-the-dead"
    left.mkdir(mode=0o700)
    (left / "vault.db").write_bytes(b"a copy of everything")

    with replacing.in_use(vault.home, VaultLock(vault.home, "serve", clock)):
        assert not left.exists()
