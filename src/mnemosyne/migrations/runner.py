"""Bring a vault's tables to what this program expects, in one transaction."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from mnemosyne.kit.errors import MnemosyneError

HEAD: Final = "0004"
"""The newest revision; a test holds it against the scripts."""
NONE: Final = "none"
"""What stands for the revision of a database without tables."""


class NewerVaultError(MnemosyneError):
    """A newer program has moved the tables on."""

    code = "newer-vault"

    def __init__(self, revision: str) -> None:
        super().__init__(
            "this vault was used by a newer version of Mnemosyne",
            why=f"Its tables are at revision {revision}; this program knows {HEAD}.",
            hint="Update Mnemosyne, or restore a backup made by this version.",
        )
        self.revision = revision


class OlderVaultError(MnemosyneError):
    """The tables are behind this program, or were never made."""

    code = "older-vault"

    def __init__(self, revision: str) -> None:
        super().__init__(
            "the tables of this vault are not those that this program expects",
            why="It has none: `init` was interrupted, and nothing was stored."
            if revision == NONE
            else f"They are at revision {revision}; this program needs {HEAD}. An earlier version "
            "of Mnemosyne wrote them.",
            hint="Move the folder away and run `mnemosyne init` again."
            if revision == NONE
            else "`mnemosyne migrate` makes a backup, proves it, and brings them to this version.",
        )
        self.revision = revision


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def check(connection: Connection) -> None:
    """Refuse to use tables that are not at the newest revision.

    Raises:
        NewerVaultError: a newer program has moved them on.
        OlderVaultError: a migration is due.
    """
    revision = revision_of(connection)
    if revision is None or revision < HEAD:
        raise OlderVaultError(revision or NONE)
    if revision > HEAD:
        raise NewerVaultError(revision)


def upgrade(connection: Connection) -> bool:
    """Apply what is missing in the caller's transaction; return whether anything was.

    Raises:
        NewerVaultError: the tables are ahead of this program.
    """
    revision = revision_of(connection)
    if revision == HEAD:
        return False
    if revision is not None and revision > HEAD:
        raise NewerVaultError(revision)
    from alembic import command  # noqa: PLC0415 - half a second that an up-to-date vault skips
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
