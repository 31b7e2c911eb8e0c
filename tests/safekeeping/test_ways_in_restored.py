"""A restore lets nobody in by what was ended since its backup."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import enrolments, restriction, sessions, store_passkeys
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.enrolments import EnrolmentInvalidError, EnrolmentKind
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.accounts.tokens import Tokens
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from mnemosyne.safekeeping.restore_errors import OlderBackupError
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, Vault, open_vault

READ = [Scope.MEMORY_READ]
OLDER = RestoreChoices(allow_older=True)


async def tokens_before_and_after(vault: Vault, shelf: Path) -> tuple[Path, dict[str, str]]:
    """Make tokens, back up, then revoke one and make another."""
    tokens = Tokens(vault.database, vault.clock)
    made = {each: await tokens.create(vault.principal, each, READ) for each in ("kept", "revoked")}
    backup = (await vault.back_up(shelf)).backup.path
    await tokens.revoke(vault.principal, made["revoked"][0].id)
    made["later"] = await tokens.create(vault.principal, "later", READ)
    return backup, {name: secret for name, (_, secret) in made.items()}


async def admitted(vault: Vault, secrets: dict[str, str]) -> set[str]:
    found = set()
    for name, secret in secrets.items():
        try:
            await Tokens(vault.database, vault.clock).admit(secret)
        except NotSignedInError:
            continue
        found.add(name)
    return found


@requirement("serving.tokens", "serving.restriction")
async def test_what_was_ended_since_the_backup_stays_ended_and_a_restriction_holds(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    owner, at = vault.person.id, clock()

    def let_in(tx: Connection) -> tuple[str, str]:
        store_passkeys.add(tx, passkey(owner, "lost", clock))
        session = sessions.begin(tx, owner, "0" * 32, at)
        return session.secret, enrolments.add(tx, EnrolmentKind.LINK, owner, "", at)[1]

    def change(tx: Connection) -> None:
        (lost,) = store_passkeys.of(tx, owner)
        store_passkeys.remove(tx, owner, lost.id)
        store_passkeys.add(tx, passkey(owner, "new", clock))
        restriction.restrict(tx, owner, at)

    session, link = await vault.database.write(let_in)
    backup, secrets = await tokens_before_and_after(vault, shelf)
    await vault.database.write(change)
    vault.close()

    Restoration(vault.home, PROVIDERS, clock).restore(backup, PASSPHRASE, OLDER)

    there = open_vault(vault.home, clock)
    assert await admitted(there, secrets) == {"kept", "later"}
    found = await there.database.read(lambda tx: store_passkeys.of(tx, owner))
    assert [each.name for each in found] == ["new"]
    assert await there.database.read(lambda tx: restriction.since(tx, owner)) == at
    with pytest.raises(NotSignedInError):
        await sessions.Sessions(there.database, clock).admit(session)
    with pytest.raises(EnrolmentInvalidError):
        await there.database.read(lambda tx: enrolments.find(tx, link, at))
    there.close()


async def test_on_another_machine_no_token_of_the_backup_is_good(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    backup, secrets = await tokens_before_and_after(vault, shelf)
    vault.close()
    elsewhere = VaultHome(tmp_path / "elsewhere")

    Restoration(elsewhere, PROVIDERS, clock).restore(backup, PASSPHRASE)

    there = open_vault(elsewhere, clock)
    assert await admitted(there, secrets) == set()
    there.close()


def passkey(owner: str, name: str, clock: SetClock) -> Passkey:
    return Passkey(
        id=new_id(clock()),
        owner=owner,
        rp_id="mnemosyne.localhost",
        credential_id=name.encode(),
        public_key=b"a key",
        sign_count=0,
        backup_eligible=True,
        backed_up=True,
        transports=("internal",),
        aaguid="",
        name=name,
        created_at=clock(),
        last_used_at=None,
    )


@requirement("serving.people")
async def test_whoever_joined_since_the_backup_is_named_as_a_loss(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    backup = (await vault.back_up(shelf)).backup.path
    grace = Person(new_id(clock()), "Grace", clock(), "")
    await vault.database.write(lambda tx: accounts.add(tx, grace, bytes(32)))
    await Tokens(vault.database, clock).create(vault.principal, "script", READ)
    vault.close()

    with pytest.raises(OlderBackupError, match="older than the vault") as older:
        Restoration(vault.home, PROVIDERS, clock).restore(backup, PASSPHRASE)

    assert older.value.lost.people == 1
    assert str(older.value.lost) == "1 person of this node"
    Restoration(vault.home, PROVIDERS, clock).restore(backup, PASSPHRASE, OLDER)
    there = open_vault(vault.home, clock)
    assert await there.database.read(accounts.everybody) == [vault.person.id]
    there.close()
