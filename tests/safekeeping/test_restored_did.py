"""A restore in place throws nothing of a DID's log away, whatever became of the copy beside it."""

from pathlib import Path

import pytest

from mnemosyne.accounts import store as accounts
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.public_copy import PublicCopy
from mnemosyne.identity.refusals import NewerKnownError
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.identities import Identities
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from mnemosyne.safekeeping.restore_errors import RestoreNotWrittenError
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, PHRASE, Vault, open_vault

HOT = frozenset({Rotated.HOT})
CHOICES = RestoreChoices(allow_older=True)


async def with_a_newer_did(vault: Vault, shelf: Path) -> tuple[Path, tuple[Entry, ...]]:
    """Make a DID, back it up, and change it; return the backup and the newer log."""
    hashed = PHRASE.recovery_key_hash(0)
    person = vault.person.id
    await vault.database.write(lambda tx: accounts.set_recovery_key_hash(tx, person, hashed))
    identities = Identities(vault.database, vault.clock, PublicCopy(vault.home.did_log))
    await identities.create(vault.principal)
    made = await vault.back_up(shelf)
    changed = await identities.rotate(vault.principal, HOT)
    assert changed.mine is not None
    vault.close()
    return made.backup.path, changed.mine.history.entries


@requirement("identity.restored")
@pytest.mark.parametrize("fate", ["behind", "damaged"])
async def test_what_the_replaced_vault_knew_of_a_did_goes_to_the_copy(
    vault: Vault, shelf: Path, clock: SetClock, fate: str
) -> None:
    backup, newest = await with_a_newer_did(vault, shelf)
    copy = PublicCopy(vault.home.did_log)
    # As after a crash, or cut in the middle.
    copy.path.write_bytes(newest[0].line + (b"\n" if fate == "behind" else b"\n{"))

    restored = Restoration(vault.home, PROVIDERS, clock).restore(backup, PASSPHRASE, CHOICES)

    assert restored.did_ahead == 1
    assert copy.look().entries == newest
    there = open_vault(vault.home, clock)
    following = Following(there.database, clock, copy)
    with pytest.raises(NewerKnownError):
        await following.confirm(there.principal, None)
    there.close()


async def test_a_restore_that_cannot_keep_the_log_replaces_nothing(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    backup, newest = await with_a_newer_did(vault, shelf)
    vault.home.did_log.unlink()
    vault.home.did_log.with_name("did-log.jsonl.new").mkdir()  # in the way of the new file

    with pytest.raises(RestoreNotWrittenError):
        Restoration(vault.home, PROVIDERS, clock).restore(backup, PASSPHRASE, CHOICES)

    there = open_vault(vault.home, clock)
    copy = PublicCopy(vault.home.did_log)
    mine = await Identities(there.database, clock, copy).mine(there.principal)
    assert mine.history.entries == newest
    there.close()
