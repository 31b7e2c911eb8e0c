from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PASSPHRASE, Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement

NEW = "quartz-heron-7-lantern-moss"


def kinds(cli: Cli) -> list[str]:
    return [each["kind"] for each in cli.json("key", "list")["slots"]]


def test_every_way_in_is_listed(cli: Cli) -> None:
    assert kinds(cli) == ["key-file", "passphrase", "phrase"]
    assert "phrase" in cli.ok("key", "list")


def test_a_key_file_is_made_and_opens_the_vault(
    cli: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = environment / "second.key"

    assert "Added: key-file" in cli.ok("key", "add-key-file", str(second))

    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(second))
    assert kinds(cli) == ["key-file", "passphrase", "phrase", "key-file"]


def test_a_key_file_that_exists_is_added_as_it_is(cli: Cli, environment: Path) -> None:
    second = environment / "second.key"
    assert cli.json("key", "file", "create", str(second)) == {"path": str(second)}
    before = second.read_bytes()

    cli.ok("key", "add-key-file", str(second))

    assert second.read_bytes() == before


def test_a_key_file_is_refused_in_the_vaults_home(cli: Cli, vault: Made) -> None:
    answer = cli("key", "add-key-file", str(vault.home / "key"))

    assert answer.code == 4
    assert "vault's home" in answer.err


def test_a_key_file_never_replaces_a_file(cli: Cli, vault: Made) -> None:
    assert cli("key", "file", "create", str(vault.key_file)).code == 4


@requirement("vault.slots.removal")
def test_removing_a_way_in_says_what_still_opens_and_the_last_one_stays(cli: Cli) -> None:
    slots = cli.json("key", "list")["slots"]

    first = cli.ok("key", "remove", slots[1]["id"][-8:], "--yes")
    assert "Backups made until now still open with the old passphrase" in " ".join(first.split())
    second = cli.json("key", "remove", slots[2]["id"], "--yes")
    assert "Backups made until now still open with the old phrase" in second["statement"]
    last = cli("key", "remove", slots[0]["id"], "--yes")

    assert last.code == 4
    assert "the last slot cannot be removed" in last.err
    assert kinds(cli) == ["key-file"]


def test_a_way_in_that_is_not_there_is_not_found(cli: Cli) -> None:
    assert cli("key", "remove", "ffffffff", "--yes").code == 3


def test_nothing_is_removed_without_a_yes(cli: Cli) -> None:
    slot = cli.json("key", "list")["slots"][1]["id"]

    assert cli("key", "remove", slot).code == 2
    assert len(kinds(cli)) == 3


def test_a_passphrase_is_made_up_in_place_of_the_old_one(
    cli: Cli, vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = (vault.home / "vault.db").read_bytes()[:4096]
    made = cli.json("key", "replace-passphrase", "--generate")

    assert "old passphrase" in made["statement"]
    assert (vault.home / "vault.db").read_bytes()[:4096] == database
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    for passphrase, code in ((PASSPHRASE, 7), (made["passphrase"], 0)):
        with Terminal("key", "list") as terminal:
            terminal.wait_for("Passphrase: ")
            terminal.type(passphrase)
            assert terminal.end() == code


def test_a_second_passphrase_is_refused(cli: Cli) -> None:
    answer = cli("key", "add-passphrase", "--generate")

    assert answer.code == 4
    assert "slot for a passphrase already" in answer.err


def test_a_passphrase_is_added_where_there_is_none(cli: Cli) -> None:
    slot = cli.json("key", "list")["slots"][1]["id"]
    cli.ok("key", "remove", slot, "--yes")

    added = cli.json("key", "add-passphrase", "--generate")

    assert added["added"]["kind"] == "passphrase"
    assert added["passphrase"].count("-") == 6


def test_a_typed_passphrase_takes_the_place_of_the_old_one(vault: Made) -> None:
    assert vault.home.exists()
    with Terminal("key", "replace-passphrase") as terminal:
        terminal.wait_for("New passphrase")
        terminal.type(NEW)
        terminal.wait_for("The same again")
        terminal.type(NEW)
        terminal.wait_for("The new passphrase opens the vault")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda words: words, 0, "It opens the vault"),
        (lambda words: words[:-1], 2, "has 24 words, and this one has 23"),
        (lambda words: ["lakee", *words[1:]], 2, "word 1 of the phrase"),
        (lambda words: [*words[1:], words[0]], 2, "not a recovery phrase"),
        (lambda _: (["abandon"] * 23) + ["art"], 7, "does not open the vault"),
    ],
)
def test_the_phrase_can_be_rehearsed(
    vault: Made, change: Callable[[list[str]], list[str]], code: int, says: str
) -> None:
    with Terminal("key", "phrase", "verify") as terminal:
        terminal.wait_for("Recovery phrase, 24 words")
        terminal.type(" ".join(change(vault.phrase.split())))
        terminal.wait_for(says)
        assert terminal.end() == code
        assert vault.phrase not in terminal.shown


@requirement("audit.acts")
def test_every_change_of_a_way_in_stands_in_the_record(cli: Cli, environment: Path) -> None:
    cli.ok("key", "add-key-file", str(environment / "second.key"))
    cli.ok("key", "replace-passphrase", "--generate")
    cli.ok("key", "remove", cli.json("key", "list")["slots"][1]["id"], "--yes")

    types = [each["type"] for each in cli.json("audit", "log")["entries"]]

    assert types == ["slot-removed", "passphrase-replaced", "slot-added", "init"]


@requirement("audit.acts")
def test_a_refused_change_leaves_no_entry(cli: Cli) -> None:
    cli("key", "add-passphrase", "--generate")

    assert [each["type"] for each in cli.json("audit", "log")["entries"]] == ["init"]
