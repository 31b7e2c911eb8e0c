"""Restores: onto a clean machine, over a vault, after erasures, interrupted."""

from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.crypto.stream_errors import SealedFileDamagedError
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.kit.vault.phrase import Phrase
from mnemosyne.memories.model import Draft
from mnemosyne.safekeeping.ledger import file_name
from mnemosyne.safekeeping.ledger_errors import LedgerMissingError
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from mnemosyne.safekeeping.restore_errors import OlderBackupError, OtherVaultError
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, PHRASE, Vault, make_vault, open_vault

HOUR = timedelta(hours=1)


def restoration(home: VaultHome, clock: SetClock) -> Restoration:
    return Restoration(home, PROVIDERS, clock)


@requirement("backup.opens")
@pytest.mark.parametrize("secret", [PASSPHRASE, PHRASE], ids=["passphrase", "phrase"])
async def test_a_backup_opens_on_a_clean_machine_with_either_secret(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock, secret: Passphrase | Phrase
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    elsewhere = VaultHome(tmp_path / "another machine" / "vault")

    restored = restoration(elsewhere, clock).restore(made.backup.path, secret)

    there = open_vault(elsewhere, clock, secret)
    assert await there.texts() == ["The quince tree blooms."]
    assert restored.replaced is False
    assert restored.ledger == 0
    there.close()


@requirement("restore.erasures")
async def test_what_was_erased_since_a_backup_stays_away_after_its_restore(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    kept = await vault.remember("The quince tree blooms.")
    gone = await vault.remember("My secret is a plum tree.")
    made = await vault.back_up(shelf)
    clock.advance(HOUR)
    await vault.erase(gone)
    vault.close()

    restored = restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(vault.home, clock)
    assert restored.erased_again == 1
    assert await there.texts() == [kept.content]
    there.close()


@requirement("restore.erasures", "restore.ledger")
async def test_a_ledger_beside_the_backup_reaches_a_clean_machine(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    gone = await vault.remember("My secret is a plum tree.")
    made = await vault.back_up(shelf)
    clock.advance(HOUR)
    erased = await vault.erase(gone)
    elsewhere = VaultHome(tmp_path / "elsewhere")

    restored = restoration(elsewhere, clock).restore(made.backup.path, PHRASE)

    there = open_vault(elsewhere, clock, PHRASE)
    assert erased.unreached == ()
    assert [copy.path for copy in erased.backups] == [str(made.backup.path)]
    assert (restored.ledger, restored.erased_again) == (1, 1)
    assert await there.texts() == []
    there.close()


@requirement("restore.ledger")
async def test_without_a_ledger_a_restore_says_so_and_asks(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    ledger = shelf / file_name(vault.identity.vault_id)
    ledger.unlink()
    elsewhere = VaultHome(tmp_path / "elsewhere")

    with pytest.raises(LedgerMissingError) as refused:
        restoration(elsewhere, clock).restore(made.backup.path, PASSPHRASE)
    assert "cannot be known" in str(refused.value)
    assert not elsewhere.exists()

    choices = RestoreChoices(without_ledger=True)
    restored = restoration(elsewhere, clock).restore(made.backup.path, PASSPHRASE, choices)
    assert restored.ledger is None
    assert elsewhere.exists()


@requirement("restore.ledger")
async def test_foreign_and_forged_ledgers_are_refused(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    own = shelf / file_name(vault.identity.vault_id)
    stranger = open_vault(make_vault(tmp_path / "stranger", clock), clock)
    await stranger.back_up(tmp_path / "strangers shelf")
    foreign = tmp_path / "strangers shelf" / file_name(stranger.identity.vault_id)
    own.write_bytes(foreign.read_bytes())
    stranger.close()

    with pytest.raises(LedgerMissingError) as refused:
        restoration(VaultHome(tmp_path / "elsewhere"), clock).restore(made.backup.path, PASSPHRASE)

    assert len(refused.value.refused) == 1


@requirement("restore.older")
async def test_an_older_backup_is_restored_on_request_only(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    older = await vault.back_up(shelf)
    clock.advance(HOUR)
    await vault.remember("It bears fruit.")
    newer = await vault.back_up(shelf)
    vault.close()
    before = vault.home.database.read_bytes()

    with pytest.raises(OlderBackupError) as refused:
        restoration(vault.home, clock).restore(older.backup.path, PASSPHRASE)
    assert "2026-03-14 15:09" in str(refused.value)
    assert "2026-03-14 16:09" in refused.value.why
    assert vault.home.database.read_bytes() == before

    choices = RestoreChoices(allow_older=True)
    restoration(vault.home, clock).restore(older.backup.path, PASSPHRASE, choices)
    there = open_vault(vault.home, clock)
    assert await there.texts() == ["The quince tree blooms."]
    # What was made since is known, and its number is not given out again.
    known = await there.backups.known(there.principal)
    assert [each.counter for each in known] == [2, 1]
    assert known[0].path == newer.backup.path
    assert (await there.back_up(shelf)).backup.counter == 3
    there.close()


async def test_a_restore_begins_a_new_incarnation(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    made = await vault.back_up(shelf)
    vault.close()

    restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(vault.home, clock)
    assert there.identity.vault_id == vault.identity.vault_id
    assert there.identity.incarnation != vault.identity.incarnation
    there.close()


@requirement("restore.equal")
async def test_idempotency_keys_still_work_after_a_restore(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    draft = Draft("The quince tree blooms.")
    first = await vault.memories.capture(vault.principal, draft, "key")
    made = await vault.back_up(shelf)
    vault.close()

    restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(vault.home, clock)
    again = await there.memories.capture(there.principal, draft, "key")
    assert (again.created, again.memory.id) == (False, first.memory.id)
    there.close()


async def test_another_vault_is_not_replaced_unasked(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    other = make_vault(tmp_path / "other", clock)

    with pytest.raises(OtherVaultError):
        restoration(other, clock).restore(made.backup.path, PASSPHRASE)

    choices = RestoreChoices(replace_other=True)
    restoration(other, clock).restore(made.backup.path, PASSPHRASE, choices)
    there = open_vault(other, clock)
    assert there.identity.vault_id == vault.identity.vault_id
    there.close()


async def test_a_vault_in_use_is_not_replaced(vault: Vault, shelf: Path, clock: SetClock) -> None:
    made = await vault.back_up(shelf)

    with VaultLock(vault.home, "serve", clock).shared(), pytest.raises(VaultBusyError) as refused:
        restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    assert "serve" in str(refused.value)


async def test_a_vault_whose_database_is_damaged_is_replaced(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    vault.close()
    vault.home.database.write_bytes(b"\0" * 8192)

    restored = restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(vault.home, clock)
    assert restored.live_unreadable
    assert await there.texts() == ["The quince tree blooms."]
    there.close()


@requirement("restore.checked-first")
async def test_a_damaged_backup_leaves_the_vault_untouched(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    vault.close()
    content = bytearray(made.backup.path.read_bytes())
    content[-100] ^= 1
    made.backup.path.write_bytes(content)
    before = {path: path.read_bytes() for path in (vault.home.database, vault.home.slots)}

    with pytest.raises(SealedFileDamagedError):
        restoration(vault.home, clock).restore(made.backup.path, PASSPHRASE)

    assert {path: path.read_bytes() for path in before} == before
    assert not (vault.home.path / "restoring").exists()
