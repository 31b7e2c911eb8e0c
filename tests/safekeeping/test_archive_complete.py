"""The archive against the tables themselves, read by another way than the archive's own."""

import base64
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from mnemosyne.accounts import store as accounts
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.identity.public_copy import PublicCopies
from mnemosyne.identity.service.identities import Identities
from mnemosyne.kit.database import metadata
from mnemosyne.memories.service.importer import Importer, ImportOptions
from mnemosyne.safekeeping.archive import Archives, verify_archive
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.manifest import checksums
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PHRASE, Vault, make_vault, open_vault

# What an archive leaves out, each for its reason.
_LEFT_OUT = {
    "access_token": "lets a script in here",
    "alarm": "speaks of ways in to this node",
    "audit_tree": "follows from the entries, and its salt is of this node",
    "backup": "speaks of files of this node",
    "change_log": "follows from the rows",
    "earlier_root": "opens older backups of this vault",
    "embedder": "of this node",
    "embedding": "follows from the texts",
    "enrolment": "lets somebody in here",
    "erased_person": "of this node, and of nobody who could take it along",
    "lease": "of this node",
    "node_key": "of this node",
    "outbox": "work of this node",
    "passkey": "was made for this host",
    "private_key": "signs on this node, and leaves it never",
    "recovery_code": "lets somebody in here",
    "restriction": "binds this node",
    "session": "a browser that is signed in here",
    "vault": "which vault it is",
    "webauthn_user": "by which authenticators know somebody here",
}
_NUMBERS = {("memory", "seq"), ("erasure", "counter"), ("did", "confirmed_incarnation")}


def archives(vault: Vault) -> Archives:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Archives(vault.database, facts, PROVIDERS, vault.clock)


async def fill(vault: Vault, folder: Path) -> None:
    """Put something into every table that a person fills."""
    await vault.remember(
        "Ada met Bo in Lisbon on 3 May 2024.",
        tags=("garden",),
        domains=("health",),
        attributes={"größe": [1.5, None, True], "β": {"z": "", "a": "ü"}},
    )
    await vault.bin.forget(vault.principal, [(await vault.remember("For the bin.")).id])
    await vault.erase(await vault.remember("To be erased."))
    source = folder / "source"
    source.mkdir()
    (source / "2024-05-03.md").write_text("# A day\n\nThe quince tree blooms.\n")
    importer = Importer(vault.database, vault.clock, UTC)
    await importer.run(vault.principal, source, ImportOptions())
    hashed = PHRASE.recovery_key_hash(0)
    await vault.database.write(
        lambda tx: accounts.set_recovery_key_hash(tx, vault.person.id, hashed)
    )
    copies = PublicCopies(vault.home, vault.person.id)
    await Identities(vault.database, vault.clock, copies).create(vault.principal)


def rows_of(path: Path, table: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith(f"records/{table}-")]
        return [json.loads(line) for n in names for line in archive.read(n).splitlines()]


def as_json(value: object) -> object:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case _:
            return value


def line(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def stored(tx: Connection, table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table, as its types give them, without whose they are."""
    owner = "id" if table.name == "person" else "owner"
    return [
        {
            name: as_json(value)
            for name, value in row.items()
            if name != owner and (table.name, name) not in _NUMBERS
        }
        for row in tx.execute(select(table)).mappings()
    ]


@requirement("archive.complete")
async def test_every_row_of_every_table_is_in_the_archive_taken_over_or_shown(
    vault: Vault, tmp_path: Path
) -> None:
    await fill(vault, tmp_path)
    before = await vault.database.read(
        lambda tx: {
            table.name: stored(tx, table)
            for table in metadata.sorted_tables
            if table.name not in _LEFT_OUT
        }
    )
    summed = await vault.database.read(lambda tx: checksums(tx, PROVIDERS, vault.person.id))
    path = tmp_path / "all.zip"

    made = await archives(vault).write(vault.principal, path)

    assert made.verdict.tables.keys() == before.keys()
    for name, rows in before.items():
        assert sorted(map(line, rows_of(path, name))) == sorted(map(line, rows)), name
        stated = made.verdict.tables[name]
        assert (stated.rows, stated.digest) == (summed[name].rows, summed[name].digest)
        assert stated.rows == len(rows)
    assert {name for name, rows in before.items() if rows} >= {
        *("audit_entry", "audit_payload", "erasure", "idempotency", "import_checkpoint"),
        *("did", "did_entry", "import_record", "memory", "memory_domain", "memory_tag", "person"),
    }


@requirement("archive.round-trip")
async def test_numbers_beyond_the_canonical_do_not_break_an_archive(
    vault: Vault, tmp_path: Path, clock: SetClock
) -> None:
    beyond = {"n": 2**53, "m": -(10**30), "x": float("inf"), "deep": [{"n": 2**63}]}
    await vault.remember("Captured.", attributes=beyond)
    source = tmp_path / "records.jsonl"
    record = {"content": "Imported.", "date": "2024-05-03", "n": 2**70, "f": 1e300}
    source.write_text(json.dumps(record) + "\n")
    importer = Importer(vault.database, clock, UTC)
    report = await importer.run(vault.principal, source, ImportOptions())
    assert report.counts.stored == 1
    path = tmp_path / "all.zip"
    await archives(vault).write(vault.principal, path)
    other = open_vault(make_vault(tmp_path / "other", clock), clock)

    await archives(other).take_over(other.principal, path)

    assert verify_archive(path).tables["memory"].rows == 2
    rows = {row["content"]: row["attributes"] for row in rows_of(path, "memory")}
    assert rows["Captured."] == {
        "n": str(2**53),
        "m": str(-(10**30)),
        "x": "inf",
        "deep": [{"n": str(2**63)}],
    }
    assert str(2**70) in json.dumps(rows["Imported."])
    other.close()
