"""`key rekey` and `migrate` from the shell."""

from pathlib import Path

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules, create_key_file
from mnemosyne.kit.vault.phrase import Phrase
from tests.cli.conftest import PASSPHRASE, Cli, Made
from tests.cli.terminal import Terminal
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.older import MEMORIES, make_older_vault


@pytest.fixture
def phrase_file(vault: Made, environment: Path) -> str:
    file = environment / "phrase.txt"
    file.write_text(vault.phrase)
    file.chmod(0o600)
    return str(file)


def slot_of(cli: Cli, kind: str) -> str:
    slots = cli.json("key", "list")["slots"]
    return next(str(each["id"]) for each in slots if each["kind"] == kind)


@requirement("vault.rekey")
def test_a_script_rekeys_with_phrase_and_key_file_and_closes_the_passphrase(
    cli: Cli, phrase_file: str, environment: Path
) -> None:
    cli.capture("Kept.")
    cli.ok("backup", "make", str(environment / "shelf"))
    slot = slot_of(cli, "passphrase")[-8:]

    done = cli.json("--phrase-file", phrase_file, "key", "rekey", "--close", slot, "--yes")

    assert [each["kind"] for each in done["kept"]] == ["key-file", "phrase"]
    assert [each["kind"] for each in done["closed"]] == ["passphrase"]
    assert len(done["older_backups"]) == 1
    assert cli.json("list")["memories"][0]["content"] == "Kept."
    assert [each["kind"] for each in cli.json("key", "list")["slots"]] == ["key-file", "phrase"]
    assert cli.json("verify", done["older_backups"][0])["whole"]
    assert cli.json("audit", "log")["entries"][0]["type"] == "rekey"


def test_without_somebody_to_ask_the_options_are_named(cli: Cli, phrase_file: str) -> None:
    answer = cli("--phrase-file", phrase_file, "key", "rekey", "--yes")

    assert answer.code == 2
    assert "--close SLOT" in answer.err


def test_nothing_is_rekeyed_without_a_yes_and_what_would_be_closed_is_said(
    cli: Cli, phrase_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = slot_of(cli, "passphrase")
    before = [each["id"] for each in cli.json("key", "list")["slots"]]

    with monkeypatch.context() as without:
        without.delenv("MNEMOSYNE_KEY_FILE")
        answer = cli("--phrase-file", phrase_file, "key", "rekey", "--close", slot)

    assert answer.code == 2
    assert "Closed for good" in answer.out + answer.err
    assert "key-file" in answer.out
    assert [each["id"] for each in cli.json("key", "list")["slots"]] == before


def test_the_phrase_cannot_be_closed(cli: Cli, phrase_file: str) -> None:
    del phrase_file
    slots = cli.json("key", "list")["slots"]
    close = [word for each in slots[1:] for word in ("--close", each["id"])]

    answer = cli("key", "rekey", *close, "--yes")

    assert answer.code == 4
    assert "recovery phrase" in answer.err


@requirement("vault.rekey")
def test_a_person_is_asked_for_every_secret_and_for_a_yes(vault: Made, environment: Path) -> None:
    second = environment / "keys" / "second.key"
    create_key_file(second, KeyFileRules(vault.home))
    with Terminal("key", "rekey") as terminal:
        terminal.wait_for("Recovery phrase, 24 words: ")
        terminal.type(vault.phrase)
        terminal.wait_for("Passphrase: ")
        terminal.type(PASSPHRASE)
        terminal.wait_for("key-file")
        terminal.wait_for("Type “rekey” to go on")
        terminal.type("rekey")
        terminal.wait_for("The vault has a new key")
        assert terminal.end() == 0
        assert PASSPHRASE not in terminal.shown


@requirement("vault.migration-backup")
def test_an_older_vault_says_what_to_do_and_is_migrated(
    bare: Cli, environment: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (environment / "keys").mkdir()
    file = environment / "keys" / "vault.key"
    home = VaultHome(environment / "home")
    key = create_key_file(file, KeyFileRules(home.path))
    make_older_vault(home.path, clock, key, Phrase(("abandon",) * 23 + ("art",)))
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(file))

    refused = bare("list")
    assert refused.code == 4
    assert "`mnemosyne migrate`" in refused.err
    done = bare.json("migrate", "--backup-to", str(environment / "shelf"))

    assert (done["migrated"], done["from"]) == (True, "0002")
    assert Path(done["backup"]["path"]).parent == environment / "shelf"
    found = {each["content"] for each in bare.json("list")["memories"]}
    assert found == set(MEMORIES)
    assert "already" in bare.ok("migrate")
    assert bare.json("migrate")["migrated"] is False


def test_a_migration_is_told_with_its_backup(
    bare: Cli, environment: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = environment / "vault.key"
    key = create_key_file(file, KeyFileRules(environment / "home"))
    make_older_vault(environment / "home", clock, key, Phrase(("abandon",) * 23 + ("art",)))
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(file))

    said = " ".join(bare.ok("migrate").split())

    assert "from revision 0002 to" in said
    assert str(environment / "home-backups") in said
