"""An archive carries the log of a DID and none of its keys: with the phrase the DID comes back."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from mnemosyne.accounts import store as accounts
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.refusals import RecoveryUnconfirmedError
from mnemosyne.identity.service.identities import Identities
from mnemosyne.identity.service.recovery import Recovery
from mnemosyne.identity.service.recovery_case import RecoveryRequest
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import OpenVault
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PHRASE, Vault, make_vault, open_vault


def archives(vault: Vault) -> Archives:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Archives(vault.database, facts, PROVIDERS, vault.clock)


@requirement("identity.recovery")
async def test_an_archive_and_the_phrase_bring_a_did_into_a_new_vault(
    tmp_path: Path, clock: SetClock
) -> None:
    old = open_vault(make_vault(tmp_path / "old", clock), clock)
    hashed = PHRASE.recovery_key_hash(0)
    person = old.person.id
    await old.database.write(lambda tx: accounts.set_recovery_key_hash(tx, person, hashed))
    mine = await Identities(old.database, clock, PublicCopies(old.home, person)).create(
        old.principal
    )
    path = tmp_path / "all.zip"
    await archives(old).write(old.principal, path)
    old.close()
    new = open_vault(make_vault(tmp_path / "new", clock), clock)

    await archives(new).take_over(new.principal, path)
    slots = KeySlots(new.home)
    recovery = Recovery(new.database, clock, PublicCopies(new.home, new.person.id), slots, new.root)
    with pytest.raises(RecoveryUnconfirmedError) as refused:
        await recovery.recover(new.principal, PHRASE, RecoveryRequest())
    assert "--without-log" in refused.value.hint
    stated = RecoveryRequest(without_log=True)
    recovered = await recovery.recover(new.principal, PHRASE, stated)

    assert recovered.plan.adopted
    assert recovered.mine.did == mine.did
    assert recovered.mine.history.epoch == 1
    with ZipFile(path) as archive:
        assert not any("private_key" in name for name in archive.namelist())
    new.close()
