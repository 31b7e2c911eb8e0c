"""The keyring of the system as one more way in."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Made
from tests.doubles import KeyringLibrary
from tests.requirements import requirement


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> KeyringLibrary:
    found = KeyringLibrary()
    monkeypatch.setitem(sys.modules, "keyring", found)
    monkeypatch.setitem(sys.modules, "keyring.errors", found.errors)
    return found


def phrase_file(vault: Made, folder: Path) -> str:
    (file := folder / "phrase.txt").write_text(vault.phrase)
    file.chmod(0o600)
    return str(file)


def kinds(cli: Cli) -> list[str]:
    return [each["kind"] for each in cli.json("key", "list")["slots"]]


@requirement("vault.slots.keyring")
def test_the_keyring_opens_the_vault_and_its_entry_goes_with_the_slot(
    cli: Cli, library: KeyringLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = cli.ok("key", "add-keyring")
    assert "Added: keyring" in said
    assert "every program of your account" in said
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")

    assert kinds(cli) == ["key-file", "passphrase", "phrase", "keyring"]
    assert len(library.entries) == 1
    assert cli("key", "add-keyring").code == 4  # one is enough
    assert len(library.entries) == 1
    slot = cli.json("key", "list")["slots"][3]["id"]
    removed = cli.json("key", "remove", slot, "--yes")

    assert "Backups carry no slot for the keyring" in removed["statement"]
    assert library.entries == {}


@requirement("vault.slots.keyring")
def test_without_a_keyring_nothing_is_added_and_why_is_said(
    cli: Cli, library: KeyringLibrary
) -> None:
    library.locked = True

    answer = cli("key", "add-keyring")

    assert answer.code == 1
    assert "the collection is locked" in answer.err
    assert "keyring" not in kinds(cli)


def test_a_slot_is_removed_although_the_keyring_does_not_answer(
    cli: Cli, library: KeyringLibrary
) -> None:
    cli.ok("key", "add-keyring")
    slot = cli.json("key", "list")["slots"][3]["id"]
    library.locked = True

    assert "still in the keyring" in cli.ok("key", "remove", slot, "--yes")
    assert "keyring" not in kinds(cli)


@requirement("vault.slots.keyring")
def test_where_the_keyring_is_gone_this_is_said_and_the_passphrase_is_asked_for(
    cli: Cli,
    vault: Made,
    library: KeyringLibrary,
    environment: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cli.ok("key", "add-keyring")
    assert library.entries
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")

    library.locked = True
    locked = cli("key", "list")
    library.locked = False
    library.entries.clear()
    forgotten = cli("key", "list")

    for answer, why in (
        (locked, "the collection is locked"),
        (forgotten, "no entry of this vault"),
    ):
        assert "The keyring of the system does not open the vault" in answer.err
        assert why in answer.err
        assert "no terminal to ask for the passphrase" in answer.err  # the next way in
        assert answer.code == 2
    opened = cli("--phrase-file", phrase_file(vault, environment), "key", "list")
    assert opened.code == 0


def test_a_rekey_wraps_the_keyring_anew(
    cli: Cli,
    vault: Made,
    library: KeyringLibrary,
    environment: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert cli.json("key", "add-keyring")["added"]["kind"] == "keyring"
    entries = dict(library.entries)
    file = phrase_file(vault, environment)
    slot = cli.json("key", "list")["slots"][1]["id"]

    done = cli.json("--phrase-file", file, "key", "rekey", "--close", slot, "--yes")

    assert [each["kind"] for each in done["kept"]] == ["key-file", "keyring", "phrase"]
    assert library.entries == entries
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    assert kinds(cli) == ["key-file", "keyring", "phrase"]
