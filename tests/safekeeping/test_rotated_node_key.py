"""What an earlier node key signed stays valid, and what the new one signs is known everywhere."""

from datetime import timedelta
from pathlib import Path

from mnemosyne.accounts.node_keys import NodeKeys
from mnemosyne.audit.service import verify_receipt
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.crypto.signing import fingerprint
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.safekeeping.archive import Archives, verify_archive
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.ledger import file_name
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, PHRASE, Vault, open_vault


async def rotate(vault: Vault) -> bytes:
    return (await NodeKeys(vault.database, vault.clock).rotate(vault.principal)).next


@requirement("vault.node-key-rotation")
async def test_backups_archives_and_receipts_of_an_earlier_key_stay_verifiable(
    vault: Vault, shelf: Path, tmp_path: Path
) -> None:
    opening = OpenVault(vault.home, vault.root, vault.identity)
    archives = Archives(vault.database, opening, PROVIDERS, vault.clock)
    old = await vault.back_up(shelf)
    await archives.write(vault.principal, tmp_path / "old.mnemosyne")
    receipt = await vault.audit.receipt(vault.principal, old.entry)
    before = vault.identity.node_key.fingerprint

    new = await rotate(vault)

    assert (await vault.backups.verify(vault.principal, old.backup.path)).counter == 1
    assert verify_archive(tmp_path / "old.mnemosyne").fingerprint == before
    assert verify_receipt(receipt) == before
    # The same process signs with the new one, though it read the old one at its start.
    await vault.back_up(shelf)
    archive = await archives.write(vault.principal, tmp_path / "new.mnemosyne")
    assert archive.verdict.fingerprint == fingerprint(new)


@requirement("vault.node-key-rotation")
async def test_ledgers_and_backups_trust_each_other_whichever_of_them_the_new_key_signed(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    first, second = await vault.remember("To be erased."), await vault.remember("And this.")
    old = await vault.back_up(shelf)
    await vault.erase(first)
    name = file_name(vault.identity.vault_id)
    (kept := shelf / "kept").mkdir()
    (kept / name).write_bytes((shelf / name).read_bytes())
    await rotate(vault)
    clock.advance(timedelta(hours=1))
    await rotate(vault)
    assert (await vault.erase(second)).unreached == ()
    later = await vault.back_up(tmp_path / "second shelf")
    (tmp_path / "second shelf" / name).unlink()
    home = VaultHome(tmp_path / "clean machine")

    restored = Restoration(home, PROVIDERS, clock).restore(old.backup.path, PHRASE)

    assert restored.refused == ()
    assert restored.erased_again == 2
    assert restored.earlier_node_key
    there = open_vault(home, clock)
    assert await there.texts() == []
    there.close()
    # The ledger of the earlier key, by a backup that knows the later one.
    restored = Restoration(VaultHome(tmp_path / "second"), PROVIDERS, clock).restore(
        later.backup.path, PASSPHRASE, RestoreChoices(ledgers=(kept,))
    )
    assert restored.ledger == 1
    assert not restored.earlier_node_key


@requirement("vault.node-key-rotation")
async def test_a_restore_over_the_vault_itself_goes_on_with_its_present_key(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    made = await vault.back_up(shelf)
    new = await rotate(vault)
    vault.close()

    restored = Restoration(vault.home, PROVIDERS, clock).restore(
        made.backup.path, PASSPHRASE, RestoreChoices(allow_older=True)
    )

    assert not restored.earlier_node_key
    there = open_vault(vault.home, clock)
    keys = await NodeKeys(there.database, clock).all(there.principal)
    assert keys == (vault.identity.node_key.public, new)
    assert there.identity.node_key.public == new
    there.close()
