import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@pytest.fixture
def notes(environment: Path) -> Path:
    """Write three notes, one of which cannot be read."""
    folder = environment / "notes"
    folder.mkdir()
    (folder / "2025-03-12.md").write_text("# Lake\n\nWe swam.\n", "utf-8")
    (folder / "recipe.md").write_text("Garlic bread.\n", "utf-8")
    (folder / "broken.md").write_bytes(b"\x80\x81\x82")
    return folder


@requirement("import.dry-run")
def test_a_dry_run_names_the_format_and_writes_nothing(cli: Cli, notes: Path) -> None:
    shown = cli.ok("import", str(notes), "--dry-run")

    assert "Would import as markdown." in shown
    assert "2 stored" in shown
    assert "Nothing was written" in shown
    assert cli.json("list")["memories"] == []


@requirement("import.report")
def test_every_file_ends_somehow_and_the_broken_one_says_why(cli: Cli, notes: Path) -> None:
    document = cli.json("import", str(notes))

    assert document["memories"]["stored"] == 2
    assert document["units"] == {"stored": 2, "refused": 1}
    problem = document["problems"][0]
    assert problem["where"] == "notes/broken.md"
    assert "not UTF-8" in problem["reason"]
    assert "notes/broken.md: not UTF-8" in cli.ok("import", str(notes), "--dry-run")


def test_the_same_import_again_changes_nothing(cli: Cli, notes: Path) -> None:
    cli.ok("import", str(notes))

    again = cli.json("import", str(notes))

    assert again["memories"]["stored"] == 0
    assert again["memories"]["unchanged"] == 2


@requirement("import.gone")
def test_what_was_forgotten_comes_back_when_asked_for_only(cli: Cli, notes: Path) -> None:
    cli.ok("import", str(notes))
    cli.ok("forget", cli.json("list")["memories"][0]["id"])

    assert "not brought back  1 in the bin" in cli.ok("import", str(notes))
    assert cli.json("import", str(notes), "--include-forgotten")["memories"]["returned"] == 1


@requirement("import.gone")
def test_what_was_erased_comes_back_when_asked_for_only(cli: Cli, notes: Path) -> None:
    cli.ok("import", str(notes))
    cli.ok("erase", cli.json("list")["memories"][0]["id"], "--yes")

    assert cli.json("import", str(notes))["memories"]["erased"] == 1
    assert cli.json("import", str(notes), "--include-erased")["memories"]["stored"] == 1


def test_a_conflict_is_told_with_both_memories(cli: Cli, notes: Path) -> None:
    cli.ok("import", str(notes))
    edited = next(
        each["id"] for each in cli.json("list")["memories"] if "Garlic" in each["content"]
    )
    cli.ok("edit", edited, "Mine now")
    (notes / "recipe.md").write_text("Garlic bread, with salt.\n", "utf-8")

    assert f"You edited {edited[-8:]}" in cli.ok("import", str(notes))


def test_a_zone_says_where_the_person_was(cli: Cli, environment: Path) -> None:
    lines = environment / "lines.jsonl"
    lines.write_text(json.dumps({"text": "Moved", "date": "2025-07-01 10:00"}) + "\n")

    cli.ok("import", str(lines), "--timezone", "Asia/Tokyo", "--format", "jsonl")

    assert cli.json("list")["memories"][0]["occurred"]["utc_offset_minutes"] == 9 * 60


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd"])
def test_a_zone_nobody_knows_is_refused(cli: Cli, notes: Path, zone: str) -> None:
    answer = cli("import", str(notes), "--timezone", zone)

    assert answer.code == 2
    assert "is no time zone" in answer.err


def test_a_source_that_is_not_there_is_not_found(cli: Cli, environment: Path) -> None:
    assert cli("import", str(environment / "nowhere")).code == 3


def test_a_limit_of_the_settings_is_kept(
    cli: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_IMPORT_LIMIT", str(1024 * 1024))
    large = environment / "conversations.json"
    large.write_text("[" + '{"a": 1},' * 200_000 + '{"a": 1}]')

    answer = cli("import", str(large), "--format", "chatgpt")

    assert answer.code != 0 or "large" in answer.out


def test_what_waits_for_enrichment_is_said(cli: Cli, notes: Path) -> None:
    answer = cli("import", str(notes))

    assert "2 wait for enrichment: vectors for search by meaning" in answer.err
    assert "`mnemosyne reindex` works it off" in answer.err


def test_an_empty_folder_is_said_to_be_empty(cli: Cli, environment: Path) -> None:
    (empty := environment / "empty").mkdir()

    answer = cli("import", str(empty))

    assert answer.code == 2
    assert "It is empty." in answer.err
    assert "--format" not in answer.err


def test_an_import_that_is_stopped_says_that_it_can_go_on(vault: Made, environment: Path) -> None:
    assert vault.home.exists()
    (notes := environment / "many").mkdir()
    for number in range(2000):
        (notes / f"{number}.md").write_text(f"Note {number}.")

    with Terminal("import", str(notes)) as terminal:
        terminal.wait_for("Importing")
        terminal.type("\x03")  # control-C
        terminal.wait_for("Stopped. What was stored stays; the same command goes on.")
        assert terminal.end() == 130
