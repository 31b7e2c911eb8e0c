"""Database files for tests: real SQLCipher with every table, copied from a template."""

import shutil
from pathlib import Path
from typing import Final

# Imported for their tables, which register themselves with the one MetaData.
import mnemosyne.accounts.derived
import mnemosyne.audit.store
import mnemosyne.contacts.store
import mnemosyne.events.change_log
import mnemosyne.events.lease
import mnemosyne.events.outbox
import mnemosyne.identity.store
import mnemosyne.kit.vault.identity
import mnemosyne.kit.vault.keyring
import mnemosyne.kit.vault.node_keys
import mnemosyne.safekeeping.erased_people
import mnemosyne.safekeeping.store  # noqa: F401
from mnemosyne.kit.database import metadata
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.memories.store.tables import FULL_TEXT_TABLE, SECURE_DELETE_FULL_TEXT

KEY: Final = bytes(range(32))


def make_file(path: Path, key: bytes | None = KEY) -> Path:
    """Create the database at ``path`` with every table and return the path."""
    create_file(path)
    engine = open_engine(path, key, read_only=False)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql(FULL_TEXT_TABLE)
        connection.exec_driver_sql(SECURE_DELETE_FULL_TEXT)
    engine.dispose()  # the last connection moves the write-ahead log into the file
    return path


def copy_file(template: Path, path: Path) -> Path:
    """Copy a closed database file to ``path`` and return the path."""
    shutil.copy(template, path)
    return path
