from datetime import timedelta

import pytest

from tests.cli.conftest import Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement


def test_what_is_forgotten_comes_back(cli: Cli) -> None:
    reference = cli.capture("Gone for a while")

    assert f"mnemosyne bin restore {reference[-8:]}" in cli.ok("forget", reference)
    assert cli.json("list")["memories"] == []
    assert "by local (shell)" in cli.ok("bin", "list")
    assert "Gone for a while" in cli.ok("bin", "restore", reference)
    assert len(cli.json("list")["memories"]) == 1


def test_several_are_forgotten_all_or_none(cli: Cli) -> None:
    one, other = cli.capture("one"), cli.capture("other")

    assert cli("forget", one, "ffffffff", other).code == 3
    assert len(cli.json("list")["memories"]) == 2
    assert "2 memories" in cli.ok("forget", one, other)


def test_what_is_not_in_the_bin_cannot_come_back(cli: Cli) -> None:
    assert cli("bin", "restore", cli.capture("here")).code == 4


@requirement("bin.limit")
def test_more_than_twenty_an_hour_are_refused_and_status_says_so(cli: Cli) -> None:
    references = [cli.capture(f"memory {number}") for number in range(22)]
    cli.ok("forget", *references[:20])

    answer = cli("forget", references[20])

    assert answer.code == 4
    assert "--many" in answer.err
    assert "reached by local (shell)" in cli.ok("status")
    assert cli.json("status")["forget_limit_reached_by"] == ["local (shell)"]
    cli.ok("forget", references[20], "--many")


def test_the_bin_offers_to_erase_after_thirty_days_and_does_not_do_it(cli: Cli) -> None:
    cli.ok("forget", cli.capture("old"))
    assert cli.json("bin", "list")["memories"][0]["offered"] is False

    cli.clock.advance(timedelta(days=31))

    assert cli.json("bin", "list")["memories"][0]["offered"] is True
    assert "30 days: erase it?" in cli.ok("bin", "list")


def test_a_dry_run_shows_what_would_go_and_erases_nothing(cli: Cli) -> None:
    reference = cli.capture("Something private", "--tag", "a", "--tag", "b")

    shown = cli.ok("erase", reference, "--dry-run")

    assert "Something private" in shown
    assert "tags" in shown
    assert "No backup that is known here holds it" in shown
    assert "Nothing was erased" in shown
    assert cli.json("erase", reference, "--dry-run")["copies"]["tags"] == 2
    assert len(cli.json("list")["memories"]) == 1


@requirement("erase.preview")
def test_an_erase_shows_every_copy_and_every_backup_and_waits_for_the_word(
    cli: Cli, vault: Made
) -> None:
    reference = cli.capture("Something private")
    backups = vault.folder / "backups"
    backups.mkdir()
    path = cli.json("backup", "make", str(backups))["backup"]["path"]

    with Terminal("erase", reference) as terminal:
        terminal.wait_for("This would go, for good:")
        terminal.wait_for("Something private")
        terminal.wait_for("texts")
        terminal.wait_for("backups hold it until they expire")
        terminal.wait_for(path.rsplit("/", 1)[1])
        terminal.wait_for("It cannot be undone")
        terminal.wait_for("Type “erase” to do it")
        terminal.type("yes")
        terminal.wait_for("nothing was erased")
        assert terminal.end() == 4
    assert len(cli.json("list")["memories"]) == 1
    with Terminal("erase", reference) as terminal:
        terminal.wait_for("Type “erase” to do it")
        terminal.type("erase")
        terminal.wait_for(r"Erased\. The receipt is entry \d+")
        assert terminal.end() == 0
    assert cli.json("list")["memories"] == []


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_nothing_is_erased_without_a_word(cli: Cli, options: list[str]) -> None:
    reference = cli.capture("kept")

    answer = cli("erase", reference, *options)

    assert answer.code in {2, 4}
    assert "--yes" in answer.err
    assert len(cli.json("list")["memories"]) == 1


def test_an_erase_ends_with_the_command_that_saves_its_receipt(cli: Cli) -> None:
    reference = cli.capture("gone")

    shown = cli.ok("erase", reference, "--yes")

    entry = cli.json("audit", "log")["entries"][0]
    assert entry["type"] == "erased"
    assert f"mnemosyne audit receipt {entry['entry']} > receipt.json" in shown


def test_an_erase_as_json_states_its_receipt(cli: Cli) -> None:
    document = cli.json("erase", cli.capture("gone"), "--yes")

    assert document["state"] == "erased"
    assert document["count"] == 1
    assert document["receipt_entry"] == 3
    assert document["backups"] == []


@requirement("bin.empty")
def test_emptying_the_bin_erases_what_is_in_it_after_a_confirmation(cli: Cli) -> None:
    cli.capture("stays")
    cli.ok("forget", cli.capture("one"), cli.capture("two"))

    assert cli("bin", "empty").code == 2
    assert len(cli.json("bin", "list")["memories"]) == 2
    assert cli.json("bin", "empty", "--yes")["count"] == 2
    assert cli.json("bin", "list")["memories"] == []
    assert cli.json("list", "--history")["memories"][0]["content"] == "stays"


def test_an_empty_bin_as_json_has_nothing(cli: Cli) -> None:
    assert cli.json("bin", "empty") == {"state": "nothing", "count": 0}
