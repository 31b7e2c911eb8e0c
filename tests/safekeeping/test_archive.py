"""Archives: everything goes out, comes back equal, and no byte of it changes unseen."""

import json
import random
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.accounts import restriction
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.memories.model import Draft, Filter, SecretState
from mnemosyne.memories.store import writing
from mnemosyne.memories.store.reading import require
from mnemosyne.safekeeping.archive import Archives, verify_archive
from mnemosyne.safekeeping.archive_errors import (
    ArchiveNotWrittenError,
    ArchiveSealedError,
    VaultNotEmptyError,
)
from mnemosyne.safekeeping.archive_format import SealedHeader
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.manifest import checksums
from mnemosyne.safekeeping.selection import ExportForm, Selection
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import FAST, Vault, make_vault, open_vault

DOCUMENT = Path(__file__).parents[2] / "docs" / "archive-format.md"
SEALING = Passphrase("another-unlikely-string-of-words")


def archives(vault: Vault) -> Archives:
    facts = OpenVault(vault.home, vault.root, vault.identity)
    return Archives(vault.database, facts, PROVIDERS, vault.clock)


@requirement("archive.round-trip", "archive.complete")
@pytest.mark.parametrize("passphrase", [None, SEALING], ids=["plain", "sealed"])
async def test_an_archive_comes_back_equal_in_an_empty_vault(
    vault: Vault, tmp_path: Path, clock: SetClock, passphrase: Passphrase | None
) -> None:
    binned = await vault.remember("A thought for the bin.")
    await vault.remember("The quince tree blooms.", tags=("garden",), title="Spring")
    await vault.bin.forget(vault.principal, [binned.id])
    gone = await vault.remember("To be erased.")
    await vault.erase(gone)
    path = tmp_path / "all.zip"
    made = await archives(vault).write(vault.principal, path, passphrase, FAST)
    other = open_vault(make_vault(tmp_path / "other", clock), clock)

    taken = await archives(other).take_over(other.principal, path, passphrase)

    mine = await vault.database.read(lambda tx: checksums(tx, PROVIDERS, vault.person.id))
    theirs = await other.database.read(lambda tx: checksums(tx, PROVIDERS, other.person.id))
    shown = {"person", "audit_entry", "audit_payload"}
    assert {k: v for k, v in mine.items() if k not in shown} == {
        k: v for k, v in theirs.items() if k not in shown
    }
    assert made.verdict.fingerprint == vault.identity.node_key.fingerprint
    assert taken.verdict.person == "Ada"
    assert await other.texts() == ["The quince tree blooms."]
    with pytest.raises(VaultNotEmptyError):
        await archives(other).take_over(other.principal, path, passphrase)
    other.close()


@requirement("archive.signed")
@pytest.mark.parametrize("passphrase", [None, SEALING], ids=["plain", "sealed"])
async def test_every_changed_missing_or_added_byte_is_found(
    vault: Vault, tmp_path: Path, passphrase: Passphrase | None
) -> None:
    await vault.remember("The quince tree blooms.")
    path = tmp_path / "all.zip"
    await archives(vault).write(vault.principal, path, passphrase, FAST)
    whole = path.read_bytes()
    chance = random.Random(7)
    damaged = [flipped(whole, bit) for bit in chance.sample(range(len(whole) * 8), 150)]
    damaged += [whole[:cut] for cut in chance.sample(range(len(whole)), 20)]
    damaged += [whole + b"\0", b"\0" + whole, whole[:100] + b"x" + whole[100:]]

    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(MnemosyneError):
            verify_archive(path, passphrase)


async def test_a_plain_archive_is_private_and_a_sealed_one_shows_nothing(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.remember("Quittenmarmelade")
    plain, sealed = tmp_path / "plain.zip", tmp_path / "sealed.zip"
    await archives(vault).write(vault.principal, plain)
    await archives(vault).write(vault.principal, sealed, SEALING, FAST)

    assert plain.stat().st_mode & 0o777 == 0o600
    assert b"Quittenmarmelade" in plain.read_bytes()
    assert b"Quittenmarmelade" not in sealed.read_bytes()
    with pytest.raises(ArchiveSealedError):
        verify_archive(sealed)
    with pytest.raises(ArchiveNotWrittenError):
        await archives(vault).write(vault.principal, plain)


@requirement("export.selected", "secrets.leaving")
async def test_only_texts_that_may_leave_are_exported(vault: Vault, tmp_path: Path) -> None:
    clear = await vault.remember("The quince tree blooms.", tags=("garden",))
    flagged = await vault.remember("password = hunter2-Xk99!", tags=("garden",))
    await vault.remember("Something else.")
    for each, state in ((clear, SecretState.CLEAR), (flagged, SecretState.FLAGGED)):
        await vault.database.write(
            lambda tx, each=each, state=state: writing.set_columns(  # type: ignore[misc]
                tx, require(tx, each.owner, each.id), {"secrets": state}
            )
        )
    selection = Selection(vault.database, vault.clock)
    wanted = Filter(tag="garden")

    held = await selection.export(vault.principal, wanted, tmp_path / "held.jsonl")
    masked = await selection.export(
        vault.principal, wanted, tmp_path / "masked.md", ExportForm.MARKDOWN, redacted=True
    )

    assert (held.written, held.held_back) == (1, 1)
    assert "hunter2" not in (tmp_path / "held.jsonl").read_text()
    assert (masked.written, masked.held_back) == (2, 0)
    text = (tmp_path / "masked.md").read_text()
    assert "hunter2" not in text
    assert "The quince tree blooms." in text
    assert "Something else." not in text


def flipped(content: bytes, bit: int) -> bytes:
    """Return ``content`` with one bit changed."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@requirement("archive.documented")
async def test_the_document_names_what_is_written(vault: Vault, tmp_path: Path) -> None:
    await vault.remember("The quince tree blooms.")
    path = tmp_path / "all.zip"
    await archives(vault).write(vault.principal, path)
    document = DOCUMENT.read_text("utf-8")
    listed = set(re.findall(r"^\| `([^`]+)` \|", document, re.MULTILINE))

    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        signature = archive.read("manifest.sig").decode()
        names = archive.namelist()

    entries = {"README.txt", "records/TABLE-NNNN.jsonl", "manifest.json", "manifest.sig"}
    header = set(SealedHeader.model_fields)
    assert listed == entries | set(manifest) | set(manifest["tables"]) | header
    assert {re.sub(r"/\w+-\d{4}\.", "/TABLE-NNNN.", name) for name in names} == entries
    assert re.fullmatch(r"[0-9a-f]{128}", signature)
    assert names[:-2] == sorted(names[:-2])


@requirement("serving.people")
async def test_somebody_who_does_not_run_the_node_takes_along_theirs_alone(
    vault: Vault, tmp_path: Path
) -> None:
    await vault.remember("Quince jelly is of Ada.")
    grace = Person(new_id(vault.clock()), "Grace", vault.clock() + timedelta(seconds=1), "")
    await vault.database.write(lambda tx: accounts.add(tx, grace, bytes(range(1, 33))))
    theirs = Principal(grace.id, frozenset(Scope) - {Scope.ADMIN}, "key", "http")
    await vault.memories.capture(theirs, Draft("Bicycles are of Grace."), "key")

    made = await archives(vault).write(theirs, tmp_path / "grace.mnemosyne")

    assert made.verdict.tables["memory"].rows == 1
    with zipfile.ZipFile(tmp_path / "grace.mnemosyne") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Bicycles" in whole
    assert b"Quince" not in whole
    assert vault.person.id.encode() not in whole


@requirement("serving.restriction")
async def test_a_restricted_person_takes_everything_along_and_nothing_over(
    vault: Vault, tmp_path: Path, clock: SetClock
) -> None:
    await vault.remember("The quince tree blooms.")
    owner, path = vault.person.id, tmp_path / "all.zip"
    await vault.database.write(lambda tx: restriction.restrict(tx, owner, clock()))

    made = await archives(vault).write(vault.principal, path)

    assert made.verdict.tables["memory"].rows == 1
    other = open_vault(make_vault(tmp_path / "other", clock), clock)
    await other.database.write(lambda tx: restriction.restrict(tx, other.person.id, clock()))
    with pytest.raises(restriction.ProcessingRestrictedError):
        await archives(other).take_over(other.principal, path)
    assert await other.texts() == []
    other.close()
