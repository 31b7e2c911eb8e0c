"""A vault as earlier versions wrote it: its tables by its own scripts, its rows in bare SQL."""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import snapshot
from tests.clock import SetClock
from tests.safekeeping.vault import FAST, PASSPHRASE, PHRASE

OLDER: Final = "0002"
EARLIER: Final = (OLDER, "0003")
"""The revisions of the versions that there were before this one."""
NODE_KEY: Final = SigningKey(bytes(range(32)))
MEMORIES: Final = ("Walked around the lake.", "Quittenmarmelade in October.")


def make_older_vault(
    folder: Path, clock: SetClock, *secrets: Secret, revision: str = OLDER
) -> VaultHome:
    """Make a vault of an earlier revision with two memories and three recorded acts."""
    home = VaultHome(folder)
    home.create()
    root = KeySlots(home).create(secrets or (PASSPHRASE, PHRASE), at=clock(), argon2=FAST)
    create_file(home.database)

    def write(tx: Connection) -> None:
        upgrade_to(tx, OLDER)
        _fill(tx, clock)
        upgrade_to(tx, revision)

    snapshot.change(home.database, root.database_key(), write)
    return home


def upgrade_to(connection: Connection, revision: str) -> None:
    """Run the migrations up to ``revision``."""
    config = Config()
    config.set_main_option("script_location", str(Path(runner.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def micros(clock: SetClock) -> int:
    """Return the time as the tables store it."""
    return round(clock().timestamp() * 1_000_000)


def _fill(tx: Connection, clock: SetClock) -> None:
    owner, at = new_id(clock()), micros(clock)
    _insert(
        tx,
        "vault",
        only=1,
        vault_id=new_id(clock()),
        incarnation="0" * 32,
        node_key=NODE_KEY.private,
        created_at=at,
        backup_counter=0,
    )
    _insert(
        tx,
        "person",
        id=owner,
        name="Ada",
        created_at=at,
        recovery_key_hash="",
        salt=bytes(range(32)),
    )
    for seq, kind in enumerate(("init", "slot-added", "passphrase-replaced"), 1):
        _record(tx, owner, seq, kind, clock)
    for number, content in enumerate(MEMORIES, 1):
        _remember(tx, owner, number, content, clock)


def _record(tx: Connection, owner: Identifier, seq: int, kind: str, clock: SetClock) -> None:
    salt = bytes([seq]) * 32
    digest = hmac.digest(salt, canonical_json({}), hashlib.sha256)
    canonical = canonical_json(
        {
            "seq": seq,
            "type": kind,
            "time": clock().isoformat(timespec="microseconds"),
            "credential": "local",
            "channel": "shell",
            "payload_hash": digest.hex(),
        }
    )
    _insert(
        tx,
        "audit_entry",
        owner=owner,
        seq=seq,
        type=kind,
        at=micros(clock),
        canonical=canonical,
        payload_hash=digest,
    )
    _insert(tx, "audit_payload", owner=owner, seq=seq, subject="", salt=salt, payload="{}")


def _remember(
    tx: Connection, owner: Identifier, number: int, content: str, clock: SetClock
) -> None:
    at, memory = micros(clock), new_id(clock())
    _insert(
        tx,
        "memory",
        seq=number,
        id=memory,
        owner=owner,
        content=content,
        content_hash=hashlib.sha256(content.encode()).digest(),
        title="",
        type="note",
        status="enriched",
        occurred_at=at,
        occurred_precision="instant",
        created_at=at,
        updated_at=at,
        version=1,
        source="",
        source_id="",
        source_url="",
        thread_id="",
        position=0,
        speaker="",
        importance=0.5,
        importance_reasons="[]",
        pin="normal",
        never_share=0,
        secrets="clear",
        language="",
        access_count=0,
        deleted_by="",
        attributes="{}",
    )
    _insert(
        tx, "memory_text", rowid=number, owner=owner, title="", body=content, context="", bigrams=""
    )


def _insert(tx: Connection, table: str, **values: object) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)  # noqa: S608 - names of ours
