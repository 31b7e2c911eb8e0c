"""A new root key: what a closed way in opened before, it does not open now."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.audit import store as audit
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.database import DatabaseDamagedError
from mnemosyne.kit.principal import NeedsSecretError
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome, VaultMissingError
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.kit.vault.root_key import HeldKey, RootKey
from mnemosyne.kit.vault.slot_errors import LastSlotError, SlotsAlteredError, WrongKeyError
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.memories.model import Memory
from mnemosyne.memories.service.erasure import Erased, Erasure
from mnemosyne.migrations.runner import OlderVaultError
from mnemosyne.safekeeping import ledger, replacing, sealed_backup, snapshot, store
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.rekey_errors import PhraseNeededError, RekeyNotWrittenError
from mnemosyne.safekeeping.rekeying import Rekeying
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from mnemosyne.safekeeping.store import EarlierRoot
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.dying import WORDS, Mortals
from tests.safekeeping.older import make_older_vault
from tests.safekeeping.vault import FAST, PASSPHRASE, PHRASE, Vault, make_vault, open_vault

KEY = KeyFile(bytes(range(32)))
_MOST_STEPS = 60
_STRIDE = 9


def rekeying(home: VaultHome, clock: SetClock) -> Rekeying:
    return Rekeying(home, PROVIDERS, clock, FAST)


@pytest.fixture
def with_key_file(tmp_path: Path, clock: SetClock) -> VaultHome:
    return make_vault(tmp_path / "three ways in", clock, KEY, PASSPHRASE, PHRASE)


@requirement("vault.rekey")
async def test_everything_is_there_under_the_new_key_and_the_old_one_opens_nothing(
    vault: Vault, clock: SetClock
) -> None:
    await vault.remember("Kept.")
    vault.close()
    old = vault.root
    shutil.copy(vault.home.slots, vault.home.previous_slots)
    steps: list[str] = []

    done = rekeying(vault.home, clock).rekey([PASSPHRASE, PHRASE], steps.append)

    there = open_vault(vault.home, clock)
    assert await there.texts() == ["Kept."]
    assert there.root != old
    assert there.identity.vault_id == vault.identity.vault_id
    assert there.identity.incarnation != vault.identity.incarnation
    assert KeySlots(vault.home).unlock(PHRASE) == there.root
    newest = (await there.database.read(lambda tx: audit.entries(tx, there.person.id)))[0]
    assert (newest.type, newest.seq) == ("rekey", done.entry)
    there.close()
    with pytest.raises(DatabaseDamagedError):
        snapshot.look(vault.home.database, old.database_key(), identity.load)
    assert not vault.home.previous_slots.exists()
    assert [each.kind for each in done.kept] == ["passphrase", "phrase"]
    assert (done.closed, done.backups) == ((), ())
    assert len(steps) == 3


@requirement("vault.rekey")
def test_a_way_in_that_was_removed_before_opens_nothing_of_the_new_vault(
    with_key_file: VaultHome, clock: SetClock
) -> None:
    home = with_key_file
    slots = KeySlots(home)
    root = slots.unlock(KEY)
    copy = home.slots.read_bytes()
    slots.remove(root, slots.open(KEY).slot.id)
    previous = home.previous_slots.read_bytes()
    assert copy == previous

    rekeying(home, clock).rekey([PASSPHRASE, PHRASE])

    with pytest.raises(WrongKeyError):
        KeySlots(home).unlock(KEY)
    # Whoever kept the old slots, or finds them, gets the old root key, which opens nothing here.
    home.slots.write_bytes(previous)
    stolen = KeySlots(home).unlock(KEY)
    assert stolen == root
    with pytest.raises(DatabaseDamagedError):
        snapshot.look(home.database, stolen.database_key(), identity.load)


@requirement("vault.rekey")
def test_a_way_in_whose_secret_is_not_given_is_closed_and_that_is_said_before(
    with_key_file: VaultHome, clock: SetClock
) -> None:
    rekey = rekeying(with_key_file, clock)
    before = with_key_file.slots.read_bytes()

    foreseen = rekey.ways_in([PASSPHRASE, PHRASE])

    assert [each.kind for each in foreseen.closed] == ["key-file"]
    assert [each.kind for each in foreseen.kept] == ["passphrase", "phrase"]
    assert with_key_file.slots.read_bytes() == before
    done = rekey.rekey([PHRASE, PASSPHRASE])
    assert done.closed == foreseen.closed
    with pytest.raises(WrongKeyError):
        KeySlots(with_key_file).unlock(KEY)


def test_without_the_phrase_or_with_a_wrong_secret_nothing_changes(
    with_key_file: VaultHome, tmp_path: Path, clock: SetClock
) -> None:
    before = with_key_file.slots.read_bytes(), with_key_file.database.read_bytes()

    with pytest.raises(PhraseNeededError):
        rekeying(with_key_file, clock).rekey([PASSPHRASE, KEY])
    with pytest.raises(WrongKeyError):
        rekeying(with_key_file, clock).rekey([PHRASE, Passphrase("a-slip-of-the-finger")])
    with pytest.raises(LastSlotError):
        rekeying(make_vault(tmp_path / "key", clock, KEY), clock).rekey([])
    with pytest.raises(VaultMissingError):
        rekeying(VaultHome(tmp_path / "none"), clock).rekey([PHRASE])

    assert (with_key_file.slots.read_bytes(), with_key_file.database.read_bytes()) == before


def test_slots_that_somebody_changed_and_tables_of_another_version_are_refused(
    with_key_file: VaultHome, tmp_path: Path, clock: SetClock
) -> None:
    older = make_older_vault(tmp_path / "older", clock)
    with pytest.raises(OlderVaultError):
        rekeying(older, clock).rekey([PASSPHRASE, PHRASE])
    stranger = KeySlots(make_vault(tmp_path / "stranger", clock, KEY))
    slots = KeySlots(with_key_file).list()
    forged = tuple(each for each in slots if each.kind != "phrase")
    with_key_file.slots.unlink()
    KeySlots(with_key_file)._write_first(stranger.unlock(KEY), forged)

    with pytest.raises(SlotsAlteredError):
        rekeying(with_key_file, clock).rekey([PASSPHRASE])


def test_who_else_uses_the_vault_is_named(with_key_file: VaultHome, clock: SetClock) -> None:
    with (
        VaultLock(with_key_file, "mnemosyne import", clock).shared(),
        pytest.raises(VaultBusyError, match="mnemosyne import"),
    ):
        rekeying(with_key_file, clock).rekey([PASSPHRASE, PHRASE])


def test_a_damaged_vault_is_not_rekeyed(with_key_file: VaultHome, clock: SetClock) -> None:
    with with_key_file.database.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(bytes(64))

    with pytest.raises(DatabaseDamagedError):
        rekeying(with_key_file, clock).rekey([PASSPHRASE, PHRASE])

    KeySlots(with_key_file).unlock(KEY)


def test_where_the_system_refuses_the_vault_is_as_it_was(
    with_key_file: VaultHome, clock: SetClock
) -> None:
    (with_key_file.path / "restoring").symlink_to(with_key_file.path / "nowhere")

    with pytest.raises(RekeyNotWrittenError) as refused:
        rekeying(with_key_file, clock).rekey([PASSPHRASE, PHRASE])

    assert "File exists" in refused.value.why
    KeySlots(with_key_file).unlock(KEY)


@requirement("vault.rekey")
async def test_a_rekey_killed_before_any_change_leaves_the_old_vault_or_the_new_one(
    tmp_path: Path, clock: SetClock, mortals: Mortals
) -> None:
    home = make_vault(tmp_path / "vault", clock, PASSPHRASE, Phrase(WORDS))
    first = open_vault(home, clock)
    await first.remember("There before and after.")
    first.close()
    kept = {path: path.read_bytes() for path in (home.database, home.slots)}
    seen, killed = [], True

    # The exchange itself is interrupted at each step by the tests of a restore.
    for step in range(0, _MOST_STEPS, _STRIDE):
        for path, content in kept.items():
            path.write_bytes(content)
        killed = mortals.rekey(home, step).killed
        replacing.finish_interrupted(home, VaultLock(home, "test", clock))
        there = open_vault(home, clock)
        assert await there.texts() == ["There before and after."]
        seen.append(there.root == first.root)
        there.close()
        assert not any(path.exists() for path in replacing.traces(home))
        if not killed:
            break

    assert not killed
    assert seen == sorted(seen, reverse=True)
    assert {True, False} == set(seen)


@requirement("vault.rekey")
async def test_older_backups_open_with_the_old_secrets_and_the_vault_still_knows_them(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    gone = await vault.remember("To be erased.")
    await vault.remember("Stays.")
    old = (await vault.back_up(shelf)).backup.path
    vault.close()
    clock.advance(timedelta(days=1))

    done = rekeying(vault.home, clock).rekey([PASSPHRASE, PHRASE])

    assert done.backups == (old,)
    clock.advance(timedelta(days=1))
    there = open_vault(vault.home, clock)
    assert (await there.backups.verify(there.principal, old)).counter == 1
    new = (await there.back_up(shelf)).backup.path
    assert not sealed_backup.written_under(sealed_backup.header_of(new), vault.root)
    younger = await there.remember("Never in that backup.")
    for memory in (gone, younger):
        assert (await erase_while_held(there, memory)).unreached == ()
    there.close()
    # The old key tells nothing of what came after it.
    names = (
        ledger.file_name(there.identity.vault_id),
        ledger.file_name(there.identity.vault_id, there.root),
    )
    assert entries(shelf / names[0], vault.root, there) == {gone.id}
    assert entries(shelf / names[1], there.root, there) == {gone.id, younger.id}

    restored = Restoration(VaultHome(tmp_path / "clean"), PROVIDERS, clock).restore(old, PHRASE)

    assert (restored.erased_again, restored.refused) == (1, ())
    # What the vault itself has erased it knows without a ledger.
    for name in names:
        (shelf / name).unlink()
    over = Restoration(vault.home, PROVIDERS, clock).restore(
        old, PASSPHRASE, RestoreChoices(allow_older=True)
    )
    assert over.replaced
    back = open_vault(vault.home, clock)
    assert back.root == there.root
    assert await back.texts() == ["Stays."]
    assert unwrapped(back) == (vault.root,)
    back.close()
    with pytest.raises(DatabaseDamagedError):
        snapshot.look(vault.home.database, vault.root.database_key(), identity.load)


async def erase_while_held(vault: Vault, memory: Memory) -> Erased:
    """Erase a memory as a command does that a key holder opened the vault for."""
    held = HeldKey(vault.root.database_key())
    copies = BackupCopies(vault.database, held, vault.identity, vault.clock)
    erasure = Erasure(vault.database, vault.clock, PROVIDERS, copies)
    return await erasure.erase(replace(vault.principal, held=True), [memory.id])


def entries(path: Path, root: RootKey, vault: Vault) -> set[str]:
    return {each.memory_id for each in ledger.read(path, root, vault.identity).entries}


def unwrapped(vault: Vault) -> tuple[RootKey, ...]:
    key = vault.root.database_key()
    return snapshot.look(vault.home.database, key, lambda tx: store.unwrapped_roots(tx, vault.root))


@requirement("vault.rekey")
async def test_the_key_of_the_database_alone_gives_no_earlier_root_key(
    with_key_file: VaultHome, shelf: Path, clock: SetClock
) -> None:
    first = open_vault(with_key_file, clock, KEY)
    await first.remember("In the backup.")
    old = (await first.back_up(shelf)).backup.path
    first.close()
    roots = [first.root]
    for _ in range(2):
        rekeying(with_key_file, clock).rekey([KEY, PASSPHRASE, PHRASE])
        roots.append(KeySlots(with_key_file).unlock(KEY))
    for secret in (PASSPHRASE, PHRASE):
        assert KeySlots(with_key_file).unlock(secret) == roots[-1]

    there = open_vault(with_key_file, clock, KEY)

    assert unwrapped(there) == tuple(roots[:2])
    held = HeldKey(there.root.database_key())
    with pytest.raises(NeedsSecretError):
        snapshot.look(
            with_key_file.database, held.material, lambda tx: store.unwrapped_roots(tx, held)
        )
    for stranger in (roots[0], roots[1], RootKey(held.material)):
        with pytest.raises(DatabaseDamagedError):
            await there.database.read(lambda tx, root=stranger: store.unwrapped_roots(tx, root))  # type: ignore[misc]
    values = await there.database.read(every_value)
    assert not any(root.material in each for root in roots for each in values)
    there.close()
    # A key file has no slot in a backup: the vault knows what opens it.
    Restoration(with_key_file, PROVIDERS, clock).restore(old, KEY, RestoreChoices(allow_older=True))
    back = open_vault(with_key_file, clock, KEY)
    assert await back.texts() == ["In the backup."]
    assert unwrapped(back) == tuple(roots[:2])
    back.close()


def every_value(tx: Connection) -> list[bytes]:
    """Return every value of every row of the vault."""
    tables = tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    rows = (
        row
        for name in tables
        for row in tx.exec_driver_sql(f'SELECT * FROM "{name}"')  # noqa: S608 - names of the schema
    )
    return [v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row]


@requirement("vault.rekey")
def test_an_earlier_root_key_that_was_changed_or_moved_is_refused(
    with_key_file: VaultHome, clock: SetClock
) -> None:
    old, present = RootKey.generate(), RootKey.generate()

    def write(tx: Connection) -> EarlierRoot:
        store.retire(tx, old, clock(), present)
        return store.earlier_roots(tx)[0]

    key = KeySlots(with_key_file).unlock(KEY).database_key()
    known = snapshot.change(with_key_file.database, key, write)

    assert known.unwrap(present) == old
    assert "wrapped" not in repr(known)
    assert known.ledger_key.material.hex() not in repr(known)
    for changed in (
        replace(known, wrapped=known.wrapped[:-1] + bytes([known.wrapped[-1] ^ 1])),
        replace(known, wrapped=b""),
        replace(known, number=1),
        replace(known, until=known.until + timedelta(seconds=1)),
    ):
        with pytest.raises(DatabaseDamagedError):
            changed.unwrap(present)


async def test_a_newer_backup_over_an_older_copy_of_the_vault_is_another_vaults(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    vault.close()
    copy = VaultHome(tmp_path / "copy")
    shutil.copytree(vault.home.path, copy.path)
    rekeying(vault.home, clock).rekey([PASSPHRASE, PHRASE])
    there = open_vault(vault.home, clock)
    await there.remember("After the rekey.")
    new = (await there.back_up(shelf)).backup.path
    there.close()

    Restoration(copy, PROVIDERS, clock).restore(new, PASSPHRASE, RestoreChoices(replace_other=True))

    back = open_vault(copy, clock)
    assert await back.texts() == ["After the rekey."]
    assert back.root == there.root
    back.close()
