"""What was erased since a backup is in no page of the vault that is restored from it."""

from datetime import timedelta
from pathlib import Path

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.safekeeping.restore import Restoration
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.pages import decrypted
from tests.safekeeping.vault import CANARY, PASSPHRASE, Vault


@requirement("restore.erasures")
async def test_no_page_of_a_restored_older_backup_holds_what_was_erased(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    gone = await vault.remember(f"{CANARY}, and nobody may know. " * 40)
    made = await vault.back_up(shelf)
    await vault.database.checkpoint()
    key = vault.root.database_key()
    # The look at bare pages does see what is there.
    assert CANARY.encode() in decrypted(vault.home.database, key)
    clock.advance(timedelta(hours=1))
    await vault.erase(gone)
    vault.close()

    restored = Restoration(vault.home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE)

    assert restored.erased_again == 1
    pages = decrypted(vault.home.database, key)
    assert b"quince" in pages
    for word in (CANARY, CANARY.lower()):
        assert word.encode() not in pages
        assert word.encode("utf-16-le") not in pages
    assert not vault.home.database.with_name("vault.db-wal").exists()
