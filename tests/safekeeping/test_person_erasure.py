"""A person is erased: nothing of them is left in any file, and their record still verifies."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.audit import store as audit
from mnemosyne.audit.kept_files import KeptFile
from mnemosyne.audit.model import Act
from mnemosyne.audit.service import Audit, verify_receipt
from mnemosyne.audit.verification import Records
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.contacts.service import Contacts
from mnemosyne.kit.database import Database, metadata
from mnemosyne.kit.database.connections import open_engine
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock
from mnemosyne.safekeeping import erased_people, ledger
from mnemosyne.safekeeping.copies import BackupCopies
from mnemosyne.safekeeping.person_erasure import OthersStayError, PersonErasure
from mnemosyne.safekeeping.record_verification import RecordVerification
from mnemosyne.safekeeping.restore import Restoration, RestoreChoices
from tests.audit.records import as_file, as_note
from tests.clock import SetClock
from tests.conftest import add_person
from tests.memories.service.test_erase_canary import CANARY, canary_in, migrated, opened
from tests.memories.service.traces import traces
from tests.nodes import ROOT, Node, node_on
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, Vault, open_vault

NAME = "Wolfzimmer"
BYSTANDER = "Neighbourly"


def erasure_of(database: Database, home: VaultHome, node: Node | Vault) -> PersonErasure:
    vault = node.vault if isinstance(node, Node) else node.identity
    root = ROOT if isinstance(node, Node) else node.root
    copies = BackupCopies(database, root, vault, node.clock)
    lock = VaultLock(home, "test", node.clock)
    return PersonErasure(database, PROVIDERS, copies, lock, node.clock)


def rows_of(database_path: Path, key: bytes | None, wanted: str) -> list[str]:
    """Return the tables in which any column of any row holds ``wanted``."""
    engine = open_engine(database_path, key, read_only=True)
    with engine.connect() as tx:
        found = [
            table.name
            for table in metadata.sorted_tables
            if wanted in repr(tx.exec_driver_sql(f'SELECT * FROM "{table.name}"').all())  # noqa: S608 - names of the schema
        ]
    engine.dispose()
    return found


@requirement("erase.person", "erase.everywhere")
async def test_nothing_of_an_erased_person_is_left_in_any_file(
    tmp_path: Path, clock: SetClock
) -> None:
    key = None  # bare, so that encryption hides no failure
    home = VaultHome(tmp_path / "vault")
    home.create()
    migrated(home.database, key)
    other = add_person(home.database, "Grace", clock() - timedelta(days=1), key)
    person = add_person(home.database, NAME, clock(), key)
    with opened(home.database, key) as database:
        node = await node_on(database, clock, person)
        theirs = Node(database, clock, node.vault, Principal.local(other.id))
        for number in range(3):
            await theirs.capture(f"{BYSTANDER} hedgehog, day {number}.")
        await theirs.contacts.add(theirs.principal, "Ytterbium")
        await canary_in(node)
        await node.drain()
        words = {**CANARY, "person": NAME, "id": person.id}
        assert traces(home.path, words) == set(words)

        done = await erasure_of(database, home, node).erase(node.principal)

        assert done.complete
        assert done.rows["memory"] > 50
        assert traces(home.path, words) == set()
        assert rows_of(home.database, key, person.id) == []
        kept = await theirs.search.search(theirs.principal, "hedgehog")
        assert len(kept.hits) == 3
        assert [each.name for each in await theirs.contacts.everyone(theirs.principal)] == [
            "Ytterbium"
        ]
    assert traces(home.path, words) == set()


@requirement("erase.person")
def test_every_table_of_a_person_is_named_by_a_provider_and_so_emptied() -> None:
    known = {owned.table.name for provider in PROVIDERS for owned in provider.tables}
    owned = {table.name for table in metadata.sorted_tables if "owner" in table.c}

    assert owned <= known


@pytest.fixture
async def grace(vault: Vault) -> Principal:
    """Add somebody with a record who was here first, so that the node is theirs."""
    before = vault.clock() - timedelta(days=1)
    who = Person(new_id(before), "Grace", before, "")

    def write(tx: Connection) -> None:
        accounts.add(tx, who, salt=bytes(32))
        audit.append(tx, Act(who.id, "init", "local", "shell"), vault.clock())

    await vault.database.write(write)
    return Principal.local(who.id)


@requirement("erase.person", "audit.pseudonyms")
async def test_the_record_of_an_erased_person_verifies_against_all_that_was_kept(
    vault: Vault, grace: Principal, shelf: Path
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    await vault.bin.forget(vault.principal, [memory.id])
    service = Audit(vault.database, vault.clock)
    signed = await service.checkpoint(vault.principal)
    receipt = await service.receipt(vault.principal, 2)
    made = await vault.back_up(shelf)
    before = Records(vault.database, accounts.everybody)
    kept = [as_file(signed), as_note(signed), KeptFile("r", audit_json(receipt))]
    assert all(each.whole for each in await before.verify(kept))

    done = await erasure_of(vault.database, vault.home, vault).erase(vault.principal)

    after = await RecordVerification(vault.database, vault.root).verify(kept)
    assert after.whole
    reports = {each.pseudonym: each for each in after.records}
    assert set(reports) == {done.pseudonym, *(r.pseudonym for r in after.records if not r.erased)}
    mine = reports[done.pseudonym]
    assert mine.erased
    assert mine.without_details == mine.size == 5  # init, forget, backup, and the erase itself
    assert [each.agrees for each in mine.compared] == [True] * 4
    assert str(made.backup.path) in {each.source for each in mine.compared}
    assert done.pseudonym == checkpoint_name(signed.head.origin)
    assert rows_of(vault.home.database, vault.root.database_key(), memory.id) == []
    assert (await service.entries(grace))[0].type == "init"


def checkpoint_name(origin: str) -> str:
    return origin.rpartition("/")[2]


def audit_json(receipt: dict[str, object]) -> bytes:
    import json  # noqa: PLC0415

    return json.dumps(receipt).encode()


@requirement("erase.person")
async def test_the_receipt_states_what_went_and_is_kept_nowhere(vault: Vault, shelf: Path) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    erasure = erasure_of(vault.database, vault.home, vault)
    preview = await erasure.preview(vault.principal)

    done = await erasure.erase(vault.principal)

    assert (preview.name, preview.others) == ("Ada", 0)
    assert preview.rows["memory"] == done.rows["memory"] == 1
    assert verify_receipt(done.receipt) == vault.identity.node_key.fingerprint
    payload = done.receipt["payload"]
    assert payload["rows"] == dict(done.rows)
    assert [each["path"] for each in payload["backups"]] == [str(made.backup.path)]
    assert [each.path for each in preview.backups] == [str(made.backup.path)]

    def details(tx: Connection) -> int:
        return int(tx.execute(text("SELECT count(*) FROM audit_payload")).scalar_one())

    assert await vault.database.read(details) == 0


@requirement("erase.person")
async def test_a_backup_from_before_gives_back_nothing_of_an_erased_person(
    vault: Vault, grace: Principal, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    erased_before = await vault.remember("Gone early.")
    await vault.erase(erased_before)
    counter = (await ledger_of(vault)).counter
    made = await vault.back_up(shelf)
    done = await erasure_of(vault.database, vault.home, vault).erase(vault.principal)
    now = await ledger_of(vault)
    vault.close()

    assert now.counter > counter
    assert (now.entries, len(now.people)) == ((), 1)
    for home in (vault.home, VaultHome(tmp_path / "another machine" / "vault")):
        Restoration(home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE)

        there = open_vault(home, clock)
        assert there.person.id == grace.person
        assert rows_of(home.database, there.root.database_key(), vault.person.id) == []
        gone = await there.database.read(erased_people.everyone)
        assert [each.pseudonym for each in gone] == [done.pseudonym]
        verified = await RecordVerification(there.database, there.root).verify([])
        assert verified.whole
        there.close()


async def test_whose_node_it_is_cannot_go_while_others_are_on_it(
    vault: Vault, grace: Principal
) -> None:
    erasure = erasure_of(vault.database, vault.home, vault)

    with pytest.raises(OthersStayError):
        await erasure.preview(grace)
    with pytest.raises(OthersStayError) as stays:
        await erasure.erase(grace)
    assert (stays.value.code, stays.value.others) == ("others-stay", 1)
    assert "account erase --person" in stays.value.hint

    await erasure.erase(vault.principal)
    with pytest.raises(NotSignedInError):
        await erasure.preview(vault.principal)
    assert (await erasure.erase(grace)).complete


async def ledger_of(vault: Vault) -> ledger.Ledger:
    return await vault.database.read(lambda tx: ledger.of_vault(tx, identity.load(tx).vault_id))


async def test_a_vault_that_somebody_else_uses_lets_nobody_be_erased(vault: Vault) -> None:
    erasure = erasure_of(vault.database, vault.home, vault)
    mine = VaultLock(vault.home, "erase", vault.clock)
    theirs = VaultLock(vault.home, "serve", vault.clock)
    with mine.shared(), theirs.shared(), pytest.raises(VaultBusyError):
        await erasure.erase(vault.principal)

    assert (await erasure.preview(vault.principal)).name == "Ada"


async def test_only_who_manages_the_account_can_erase_its_person(vault: Vault) -> None:
    erasure = erasure_of(vault.database, vault.home, vault)
    without = Principal(vault.person.id, frozenset(), "token-1", "http")

    for asked in (erasure.preview, erasure.erase):
        with pytest.raises(MissingScopeError):
            await asked(without)


async def test_contacts_and_identities_go_with_the_person(vault: Vault) -> None:
    await Contacts(vault.database, vault.clock).add(vault.principal, "Mira", ("Mim",))
    vault.home.did_log.write_text("a log", "utf-8")

    done = await erasure_of(vault.database, vault.home, vault).erase(vault.principal)

    assert {"contact", "contact_alias"} <= done.rows.keys()
    assert not vault.home.did_log.exists()


@requirement("audit.tampering", "audit.checkpoint")
async def test_a_checkpoint_from_after_a_backup_tells_that_the_backup_was_restored(
    vault: Vault, shelf: Path, clock: SetClock
) -> None:
    made = await vault.back_up(shelf)
    memory = await vault.remember("The quince tree blooms.")
    await vault.bin.forget(vault.principal, [memory.id])
    signed = await Audit(vault.database, clock).checkpoint(vault.principal)
    vault.close()
    choices = RestoreChoices(allow_older=True)
    Restoration(vault.home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE, choices)

    there = open_vault(vault.home, clock)
    found = await RecordVerification(there.database, there.root).verify([as_file(signed)])
    there.close()

    first = found.records[0].first
    assert first is not None
    assert first.range == (2, 2)  # the one after `init`, up to which the backup reaches
    assert "restored" in first.detail
