"""A restore in place throws nothing of a DID's log away, whatever became of the copy beside it."""

from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.accounts import store as accounts
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.public_copy import PublicCopies, PublicCopy
from mnemosyne.identity.refusals import NewerKnownError
from mnemosyne.identity.service.following import Following
from mnemosyne.identity.service.identities import Identities
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.kit.vault.phrase import generate_phrase
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.person_erasure import PersonErasure
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from mnemosyne.safekeeping.restore_errors import RestoreNotWrittenError
from tests.clock import SetClock
from tests.conftest import add_person
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, PHRASE, Vault, open_vault

HOT = frozenset({Rotated.HOT})
CHOICES = RestoreChoices(allow_older=True)


async def with_a_newer_did(vault: Vault, shelf: Path) -> tuple[Path, tuple[Entry, ...]]:
    """Make a DID, back it up, and change it; return the backup and the newer log."""
    hashed = PHRASE.recovery_key_hash(0)
    person = vault.person.id
    await vault.database.write(lambda tx: accounts.set_recovery_key_hash(tx, person, hashed))
    identities = Identities(vault.database, vault.clock, PublicCopies(vault.home, person))
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
    following = Following(there.database, clock, PublicCopies(there.home, there.person.id))
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
    copies = PublicCopies(vault.home, there.person.id)
    mine = await Identities(there.database, clock, copies).mine(there.principal)
    assert mine.history.entries == newest
    there.close()


async def second_with_a_did(vault: Vault) -> tuple[Principal, Identities]:
    """Let somebody else join the node and make a DID."""
    vault.clock.advance(timedelta(seconds=1))  # who came first has it by then
    who = add_person(vault.database.path, "Grace", vault.clock(), vault.root.database_key())
    principal = Principal.local(who.id)
    identities = Identities(vault.database, vault.clock, PublicCopies(vault.home, vault.person.id))
    await identities.create(principal, generate_phrase())
    return principal, identities


@requirement("identity.restored", "identity.people")
async def test_what_the_replaced_vault_knew_of_a_second_did_goes_to_its_own_copy(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    grace, identities = await second_with_a_did(vault)
    made = await vault.back_up(shelf)
    changed = await identities.rotate(grace, HOT)
    assert changed.mine is not None
    vault.close()
    copy = PublicCopy(vault.home.did_log_of(grace.person))
    copy.path.unlink()

    restored = Restoration(vault.home, PROVIDERS, clock).restore(
        made.backup.path, PASSPHRASE, CHOICES
    )

    assert restored.did_ahead == 1
    assert copy.look().entries == changed.mine.history.entries
    assert not vault.home.did_log.exists()
    there = open_vault(vault.home, clock)
    following = Following(there.database, clock, PublicCopies(there.home, there.person.id))
    with pytest.raises(NewerKnownError):
        await following.confirm(grace, None)
    there.close()


@requirement("erase.person", "identity.people")
async def test_an_erase_takes_the_copy_of_that_person_alone(vault: Vault) -> None:
    hashed = PHRASE.recovery_key_hash(0)
    await vault.database.write(
        lambda tx: accounts.set_recovery_key_hash(tx, vault.person.id, hashed)
    )
    grace, identities = await second_with_a_did(vault)
    await identities.create(vault.principal)
    theirs = vault.home.did_log_of(grace.person)
    stranger = vault.home.did_log_of("0" * 32)
    for path in (theirs.with_name(f"{theirs.name}.new"), stranger):
        path.write_text("a log", "utf-8")
    copies = BackupCopies(vault.database, vault.root, vault.identity, vault.clock)
    lock = VaultLock(vault.home, "test", vault.clock)
    erasure = PersonErasure(vault.database, PROVIDERS, copies, lock, vault.clock)

    await erasure.erase(grace)

    left = {path.name for path in vault.home.path.glob("did-log*")}
    assert left == {"did-log.jsonl", stranger.name}
