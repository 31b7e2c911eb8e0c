import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from mnemosyne.kit.database import metadata
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.migrations.runner import (
    HEAD,
    NewerVaultError,
    OlderVaultError,
    check,
    revision_of,
    upgrade,
)
from tests.house.tree import ROOT
from tests.requirements import requirement
from tests.vaults import KEY

KEPT_BY_THE_ENGINE = ("alembic_version", "sqlite_", "memory_text")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Connection]:
    """Open a database file without tables."""
    create_file(tmp_path / "new.db")
    engine = open_engine(tmp_path / "new.db", KEY, read_only=False)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def set_revision(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


def schema_of(connection: Connection) -> dict[str, list[str]]:
    """Return the words that made each table and index, whatever order its parts stand in."""
    made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {name: sorted(re.findall(r"[\w.]+|'[^']*'|[=<>]+", sql)) for name, sql in made}


@requirement("vault.migrations")
def test_a_new_vault_stands_at_the_newest_migration(empty: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "src" / "mnemosyne" / "migrations"))
    config.set_main_option("path_separator", "os")

    assert upgrade(empty) is True

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    assert revision_of(empty) == HEAD
    check(empty)
    assert upgrade(empty) is False


@requirement("vault.migrations")
def test_the_migrated_schema_equals_the_declared_tables(empty: Connection, tx: Connection) -> None:
    upgrade(empty)

    context = MigrationContext.configure(
        empty,
        opts={
            "compare_type": True,
            "include_object": lambda _object, name, *_rest: (
                not str(name).startswith(KEPT_BY_THE_ENGINE)
            ),
        },
    )
    assert compare_metadata(context, metadata) == []
    # Checks, foreign keys and options that a comparison of columns does not see.
    migrated = schema_of(empty)
    migrated.pop("alembic_version")
    assert migrated == schema_of(tx)


def test_a_database_without_tables_is_refused(empty: Connection) -> None:
    assert revision_of(empty) is None

    with pytest.raises(OlderVaultError) as older:
        check(empty)

    assert older.value.code == "older-vault"
    assert older.value.revision == "none"
    assert "`init` was interrupted" in older.value.why
    assert "mnemosyne init" in older.value.hint


def test_a_vault_of_an_older_program_is_refused(empty: Connection) -> None:
    upgrade(empty)
    set_revision(empty, "0000")

    with pytest.raises(OlderVaultError, match="not those that this program expects") as older:
        check(empty)

    assert "0000" in older.value.why
    assert HEAD in older.value.why
    assert "mnemosyne migrate" in older.value.hint


def test_a_vault_of_a_newer_program_is_refused_and_left_alone(empty: Connection) -> None:
    upgrade(empty)
    set_revision(empty, "9999")

    for use in (check, upgrade):
        with pytest.raises(NewerVaultError) as newer:
            use(empty)
        assert newer.value.code == "newer-vault"
        assert newer.value.revision == "9999"
        assert "9999" in newer.value.why
        assert newer.value.hint
    assert "memory" in inspect(empty).get_table_names()
