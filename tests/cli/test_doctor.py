from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.application import Application
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.requirements import requirement


def severities(document: dict[str, object]) -> list[str]:
    findings = document["findings"]
    assert isinstance(findings, list)
    return [each["severity"] for each in findings]


@requirement("cli.without-vault")
def test_without_a_vault_it_says_so_and_how_to_make_one(bare: Cli, environment: Path) -> None:
    shown = bare.ok("doctor")

    assert f"there is no vault in {environment / 'home'}" in shown
    assert shown.endswith("mnemosyne init\n")
    assert bare.json("doctor")["healthy"] is True
    assert not (environment / "home").exists()


@requirement("cli.without-vault")
def test_half_a_vault_is_what_is_wrong(cli: Cli, vault: Made) -> None:
    (vault.home / "vault.slots").unlink()

    answer = cli("doctor")

    assert answer.code == 6
    assert "vault.slots, the way in is missing" in answer.out


def test_a_sound_vault_is_told_to_be_sound(cli: Cli) -> None:
    cli.capture("something")

    document = cli.json("doctor")

    assert document["healthy"] is True
    assert "bad" not in severities(document)
    assert "every page authenticates" in cli.ok("doctor")


def test_tags_in_any_order_leave_a_sound_index(cli: Cli, environment: Path) -> None:
    cli.capture("The kitchen is painted", "--tag", "zebra", "--tag", "apple")
    note = environment / "note.md"
    note.write_text("---\ntags: [home, diy]\n---\nWe painted. #colour\n", "utf-8")
    cli.ok("import", str(note))

    assert "bad" not in severities(cli.json("doctor"))


def test_an_index_that_disagrees_is_found_and_rebuilt(cli: Cli, vault: Made) -> None:
    cli.capture("a walrus on the shore")

    async def lose_full_text(app: Application) -> None:
        await app.database.write(lambda tx: tx.exec_driver_sql("DELETE FROM memory_text"))

    with_services(vault, cli.clock, lose_full_text)
    assert cli.json("search", "walrus")["hits"] == []

    broken = cli("doctor")
    assert broken.code == 6
    assert "missing in full text" in broken.out
    assert "mnemosyne doctor --repair" in broken.out
    assert cli.json("doctor", "--repair")["repaired"]["indexed"] == 1

    assert len(cli.json("search", "walrus")["hits"]) == 1
    assert cli("doctor").code == 0


def test_damage_is_reported_as_damage(cli: Cli, vault: Made) -> None:
    cli.capture("something " * 2_000)
    with (vault.home / "vault.db").open("r+b") as file:
        file.seek(-2_000, 2)
        file.write(b"\x00" * 64)

    answer = cli("doctor")

    assert answer.code == 6


def test_a_key_file_in_a_bad_place_is_said(
    cli: Cli, vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (vault.key_file.parent / ".git").mkdir()

    answer = cli("doctor")

    assert answer.code == 4
    assert "git work tree" in answer.err
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")


def test_one_thing_is_counted_as_one(cli: Cli) -> None:
    cli.capture("something")

    assert "1 memory agrees with full text and vectors" in cli.ok("doctor")


def test_what_only_waits_ends_with_the_command_that_works_on_it(cli: Cli) -> None:
    cli.capture("something")
    cli.clock.advance(timedelta(hours=2))

    shown = cli.ok("doctor")

    assert "1 job waits, the oldest since" in shown
    assert shown.endswith("mnemosyne reindex\n")
