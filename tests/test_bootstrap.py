"""The composition root: what is made, opened, refused; and that it knows every table."""

import asyncio
import os
import resource
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, text

from mnemosyne import bootstrap
from mnemosyne.application import Application
from mnemosyne.audit.service import verify_receipt
from mnemosyne.kit.crypto.signing import fingerprint
from mnemosyne.kit.database import Database, metadata
from mnemosyne.kit.derived_data import Kept
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.home import VaultHome, VaultMissingError
from mnemosyne.kit.vault.identity import VaultUnfinishedError
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.key_file_errors import BadPlace, KeyFilePlaceError
from mnemosyne.kit.vault.phrase import generate_phrase
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.memories.model import Draft, Filter
from mnemosyne.migrations.runner import HEAD, NewerVaultError, revision_of
from mnemosyne.safekeeping import store as safekeeping
from mnemosyne.safekeeping.store import KnownBackup
from mnemosyne.settings import Settings, SettingsError, load_settings
from tests.clock import START, SetClock
from tests.requirements import requirement

SECRET = KeyFile(bytes(range(32)))

# Tables that speak of the vault and of nobody in it, each with the reason.
OF_THE_NODE = {
    "vault": "which vault it is, and the key of its node",
    "node_key": "the public halves of the keys the node had before, and who took over",
    "earlier_root": "what opened the vault before a rekey, for the backups of that time",
    "erased_person": "who was erased, as digests, so that no backup brings them back",
    "lease": "which process leads the work",
    "backup": "which backups there are, each of the whole vault",
    "embedder": "which models made the vectors of the vault",
}


@pytest.fixture(scope="session")
def vault_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a vault; copy it, never open it."""
    made = Settings(home=tmp_path_factory.mktemp("vaults") / "home")
    asyncio.run(bootstrap.create(made, "Ada", [SECRET], "0" * 64, clock=SetClock()))
    return made.home


@pytest.fixture
def settings(vault_template: Path, tmp_path: Path) -> Settings:
    """Give a vault of the test's own, and no weights."""
    shutil.copytree(vault_template, tmp_path / "home")
    return Settings(
        home=tmp_path / "home",
        cache=tmp_path / "cache",
        weights=tmp_path / "none",
        timezone="Europe/Lisbon",
    )


@pytest.fixture
async def application(settings: Settings, clock: SetClock) -> AsyncIterator[Application]:
    async with bootstrap.opened(settings, SECRET, "mnemosyne test", clock) as opened:
        yield opened


def owned_columns(table: Table) -> set[str]:
    """Return by which columns a table says whose its rows are."""
    points = {key.parent.name for key in table.foreign_keys if key.column.table.name == "person"}
    return {column.name for column in table.c if column.name == "owner"} | points


@requirement("erase.every-table")
def test_every_table_that_holds_rows_of_a_person_is_named_by_a_provider() -> None:
    named = [owned for provider in bootstrap.PROVIDERS for owned in provider.tables]
    names = [owned.table.name for owned in named]

    of_people = {table.name for table in metadata.sorted_tables if owned_columns(table)}
    assert len(names) == len(set(names))
    assert set(names) == of_people | {"person"}
    assert set(metadata.tables) == set(names) | set(OF_THE_NODE)
    assert not set(names) & set(OF_THE_NODE)


@requirement("erase.every-table")
def test_what_a_provider_says_of_a_table_is_true_of_it() -> None:
    for provider in bootstrap.PROVIDERS:
        for owned in provider.tables:
            columns = set(owned.table.c.keys())
            assert owned.owner_column in columns
            assert set(owned.order) <= columns
            assert owned.omitted <= columns
            keys = {column.name for column in owned.table.primary_key}
            unique = keys - {owned.owner_column} <= set(owned.order)
            # An order that is not the key would make the checksum of a table a matter of chance.
            assert unique or owned.kept is Kept.REBUILT or owned.omitted & keys, owned.table.name


@requirement("erase.every-table")
async def test_the_tables_of_a_real_vault_are_those_that_are_declared(
    application: Application,
) -> None:
    def read(tx: Connection) -> set[str]:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return set(tx.execute(text(query)).scalars())

    there = await application.database.read(read)

    engine = {name for name in there if name.startswith(("sqlite_", "memory_text"))}
    assert there - engine == {*metadata.tables, "alembic_version"}


@requirement("vault.slots.key-file-place")
async def test_a_key_file_beside_a_backup_is_refused_once_the_vault_can_say_so(
    settings: Settings, clock: SetClock, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    lying_there = settings.model_copy(update={"key_file": folder / "stick" / "mnemosyne.key"})
    here = KnownBackup("0" * 32, folder / "one.backup", 1, START, START, None, "", 0)
    async with bootstrap.opened(lying_there, SECRET, "mnemosyne test", clock) as opened:
        await opened.database.write(lambda tx: safekeeping.add(tx, here))

    with pytest.raises(KeyFilePlaceError) as refused:
        async with bootstrap.opened(lying_there, SECRET, "mnemosyne test", clock):
            pass

    assert (refused.value.place, refused.value.offender) == (BadPlace.BACKUP_DESTINATION, folder)


@requirement("vault.slots.key-file-place")
async def test_the_folder_of_the_key_file_in_use_is_no_place_for_a_backup(
    settings: Settings, clock: SetClock, tmp_path: Path
) -> None:
    folder = tmp_path / "stick"
    lying_there = settings.model_copy(update={"key_file": folder / "mnemosyne.key"})
    async with bootstrap.opened(lying_there, SECRET, "mnemosyne test", clock) as opened:
        phrase = generate_phrase()  # without a portable slot no backup is made anywhere
        me = Principal.local(opened.person.id)
        await opened.keys.add(me, phrase)

        with pytest.raises(KeyFilePlaceError) as refused:
            await opened.backups.make(me, folder)

    assert (refused.value.place, refused.value.offender) == (BadPlace.BACKUP_DESTINATION, folder)
    assert list(folder.iterdir()) == []


async def test_what_was_captured_before_a_vault_was_closed_is_there_when_it_is_opened_again(
    settings: Settings, clock: SetClock
) -> None:
    async with bootstrap.opened(settings, SECRET, "mnemosyne capture", clock) as first:
        me = Principal.local(first.person.id)
        captured = await first.memories.capture(me, Draft("Still here."), "key")
        assert captured.memory.occurred.utc_offset_minutes == 0
        assert [user.command for user in first.lock.users()] == ["mnemosyne capture"]
        assert await first.dispatcher.drain(600) == 1
    async with bootstrap.opened(settings, SECRET, "mnemosyne list", clock) as second:
        page = await second.memories.page(me, Filter())
        assert [each.content for each in page.items] == ["Still here."]
        assert (second.person.name, second.person.created_at) == ("Ada", START)
        assert second.vault.vault_id == first.vault.vault_id
        acts = [(each.type, each.seq) for each in await second.audit.entries(me)]
        assert acts == [("init", 1)]


@requirement("vault.node-key")
async def test_the_node_key_lies_inside_the_encrypted_file_and_signs(
    application: Application, settings: Settings
) -> None:
    me = Principal.local(application.person.id)
    receipt = await application.audit.receipt(me, 1)

    assert verify_receipt(receipt) == application.vault.node_key.fingerprint
    assert application.vault.node_key.fingerprint == fingerprint(application.vault.node_key.public)

    def private(tx: Connection) -> bytes:
        return bytes(tx.execute(text("SELECT node_key FROM vault")).scalar_one())

    key = await application.database.read(private)
    assert len(key) == 32
    for path in settings.home.rglob("*"):
        if path.is_file():
            assert key not in path.read_bytes()
            assert key.hex().encode() not in path.read_bytes()


@requirement("vault.private-files")
async def test_every_file_and_folder_of_a_vault_is_its_owners_alone(
    settings: Settings, application: Application
) -> None:
    me = Principal.local(application.person.id)
    mask = os.umask(0)
    try:
        await application.memories.capture(me, Draft("Private."), "key")
        found = {path: stat.S_IMODE(path.stat().st_mode) for path in settings.home.rglob("*")}
    finally:
        os.umask(mask)

    assert settings.home / "vault.db-wal" in found
    for path, mode in found.items():
        assert mode & 0o077 == 0, path
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


async def test_a_vault_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "nothing", timezone="UTC")

    with pytest.raises(VaultMissingError):
        async with bootstrap.opened(settings, SECRET, "mnemosyne list"):
            pass
    assert not settings.home.exists()


async def test_a_vault_that_a_newer_program_used_is_refused(
    settings: Settings, clock: SetClock
) -> None:
    async with bootstrap.opened(settings, SECRET, "mnemosyne list", clock) as application:
        assert await application.database.read(revision_of) == HEAD
        await application.database.write(
            lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        )

    with pytest.raises(NewerVaultError):
        async with bootstrap.opened(settings, SECRET, "mnemosyne list", clock):
            pass


async def test_a_vault_without_its_person_was_never_finished(
    settings: Settings, clock: SetClock
) -> None:
    root = KeySlots(VaultHome(settings.home)).unlock(SECRET)
    database = Database(VaultHome(settings.home).database, root.database_key())
    await database.write(lambda tx: tx.execute(text("DELETE FROM person")))
    database.close()

    with pytest.raises(VaultUnfinishedError):
        async with bootstrap.opened(settings, SECRET, "mnemosyne list", clock):
            pass


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", "")
    monkeypatch.setenv("MNEMOSYNE_HOME", "")

    found = load_settings()

    assert found.key_file is None
    assert found.home != Path()


def test_a_zone_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    for zone in ("Mars/Olympus", "../../etc/passwd", "Europe\0/Lisbon"):
        with pytest.raises(SettingsError) as refused:
            bootstrap.zone_of(Settings(home=tmp_path, timezone=zone))
        assert (refused.value.code, refused.value.name) == ("settings", "MNEMOSYNE_TIMEZONE")
        assert refused.value.why
        assert refused.value.hint
    assert str(bootstrap.zone_of(Settings(home=tmp_path, timezone="Asia/Tokyo"))) == "Asia/Tokyo"
    assert bootstrap.zone_of(Settings(home=tmp_path)) is not None
