from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@pytest.fixture
def folder(environment: Path) -> Path:
    """Make a folder for backups."""
    (place := environment / "backups").mkdir()
    return place


@pytest.fixture
def backup(cli: Cli, folder: Path) -> str:
    """Remember something and back it up."""
    cli.capture("Before the backup")
    return str(cli.json("backup", "make", str(folder))["backup"]["path"])


def test_a_backup_is_proven_and_names_what_checks_it(cli: Cli, folder: Path) -> None:
    cli.capture("something")

    shown = cli.ok("backup", "make", str(folder))

    assert "was restored once" in shown
    assert "memories    1" in shown
    assert f"mnemosyne verify {folder}/" in shown


@requirement("backup.proven")
def test_backups_are_listed_and_in_the_status(cli: Cli, backup: str) -> None:
    listed = cli.json("backup", "list")["backups"]

    assert [each["path"] for each in listed] == [backup]
    assert listed[0]["verified_at"] is not None
    assert backup in cli.ok("backup", "list")
    last = cli.json("status")["last_verified_backup"]
    assert (last["path"], last["verified_at"]) == (backup, listed[0]["verified_at"])
    assert "last proven" in cli.ok("status")


def test_a_backup_is_verified_with_the_vault_at_hand(cli: Cli, backup: str) -> None:
    assert "The backup is whole" in cli.ok("verify", backup)
    assert cli.json("verify", backup)["verdict"]["rows"]["memory"] == 1


def test_a_flipped_bit_is_found(cli: Cli, backup: str) -> None:
    content = bytearray(Path(backup).read_bytes())
    content[len(content) // 2] ^= 1
    Path(backup).write_bytes(content)

    assert cli("verify", backup).code == 6
    assert cli("restore", backup, "--yes").code == 6
    assert len(cli.json("list")["memories"]) == 1


def test_backups_that_hold_a_memory_are_removed_after_a_look(cli: Cli, backup: str) -> None:
    reference = cli.json("list")["memories"][0]["id"]

    dry = cli.json("backup", "prune", "--containing", reference, "--dry-run")
    assert [each["path"] for each in dry["removed"]] == [backup]
    assert Path(backup).exists()
    assert cli("backup", "prune", "--containing", reference).code == 2
    assert Path(backup).exists()
    assert "Removed:" in cli.ok("backup", "prune", "--containing", reference, "--yes")
    assert not Path(backup).exists()


def test_the_newest_backup_stays_when_it_is_due(cli: Cli, backup: str) -> None:
    cli.clock.advance(timedelta(days=400))

    shown = cli.ok("backup", "prune", "--yes")

    assert "the newest proven one" in shown
    assert Path(backup).exists()


def test_a_restore_brings_back_what_was_there_and_not_what_was_erased(
    cli: Cli, folder: Path
) -> None:
    kept, private = cli.capture("kept"), cli.capture("private")
    path = cli.json("backup", "make", str(folder))["backup"]["path"]
    cli.ok("erase", private, "--yes")
    cli.capture("after the backup")

    assert cli("restore", path).code == 2
    shown = cli.ok("restore", path, "--yes", "--allow-older")

    assert "Gone with the vault that was replaced: 1 memory." in shown
    assert "Erasures since were applied again: 1 memory" in shown
    assert [each["id"] for each in cli.json("list")["memories"]] == [kept]


def test_an_older_backup_is_restored_on_explicit_request_only(cli: Cli, backup: str) -> None:
    cli.capture("after the backup")
    cli.ok("backup", "make", str(Path(backup).parent))

    refused = cli("restore", backup, "--yes")
    assert refused.code == 4
    assert "--allow-older" in refused.err
    assert len(cli.json("list")["memories"]) == 2
    cli.ok("restore", backup, "--yes", "--allow-older")

    assert len(cli.json("list")["memories"]) == 1


def test_a_phrase_in_a_private_file_opens_a_backup_for_a_script(
    cli: Cli,
    backup: str,
    vault: Made,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert cli.json("status")["memories"] == 1
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "new machine"))
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    phrase = tmp_path / "phrase.txt"
    phrase.touch(0o600)
    phrase.write_text(vault.phrase)

    cli.ok("--phrase-file", str(phrase), "restore", backup)
    assert cli.ok("--phrase-file", "-", "status", stdin=vault.phrase + "\n")
    phrase.chmod(0o644)
    refused = cli("--phrase-file", str(phrase), "status")

    assert refused.code == 2
    assert "chmod 600" in refused.err


@requirement("restore.older")
def test_what_only_the_vault_here_holds_is_counted_and_goes_on_explicit_request_only(
    cli: Cli, backup: str
) -> None:
    kept = cli.json("list")["memories"][0]["id"]
    cli.ok("tag", kept, "lake")
    cli.capture("after the backup")
    cli.ok("people", "add", "Tomás")
    cli.ok("did", "create")

    for arguments in (["--yes"], ["--dry-run"], ["--yes", "--json"]):
        refused = cli("restore", backup, *arguments)
        assert refused.code == 4
        assert "1 memory, 1 change of a memory, 1 person you know and 1 DID entry" in refused.err
        assert "the keys that your DID has now" in refused.err
    assert len(cli.json("list")["memories"]) == 2
    restored = cli.json("restore", backup, "--yes", "--allow-older")

    assert restored["lost"] == {
        "memories": 1,
        "changed_memories": 1,
        "contacts": 1,
        "people_of_the_node": 0,
        "did_entries": 1,
    }
    assert cli.json("restore", backup, "--yes")["lost"]["memories"] == 0  # it is equal to it now


def test_a_rehearsal_touches_nothing(cli: Cli, backup: str, vault: Made) -> None:
    assert "would be gone" not in cli.ok("restore", backup, "--dry-run")
    cli.capture("after")
    before = (vault.home / "vault.db").stat().st_mtime_ns

    shown = cli("restore", backup, "--dry-run", "--allow-older")
    assert "Nothing was touched" in shown.out
    assert "would be gone: 1 memory." in shown.err
    found = cli.json("restore", backup, "--dry-run", "--allow-older")
    assert (found["restored"], found["would_be_lost"]["memories"]) == (False, 1)
    assert (vault.home / "vault.db").stat().st_mtime_ns == before
    assert len(cli.json("list")["memories"]) == 2


def test_a_rehearsal_leaves_nothing_on_a_clean_machine_and_refuses_what_the_restore_does(
    cli: Cli, backup: str, vault: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "new machine"))
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    command = ("--phrase-file", "-", "restore", backup)
    phrase = vault.phrase + "\n"

    assert "Nothing was touched" in cli.ok(*command, "--dry-run", stdin=phrase)
    assert not (tmp_path / "new machine").exists()
    for ledger in Path(backup).parent.glob("*ledger*"):
        ledger.unlink()
    for option in ("--dry-run", "--yes"):
        assert cli(*command, option, stdin=phrase).code == 4


def test_a_clean_machine_needs_the_phrase_alone(
    cli: Cli, backup: str, vault: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cli.json("status")["memories"] == 1
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "new machine"))
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    for command, says in (
        (("verify", backup), "The backup is whole"),
        (("restore", backup), "The vault is back"),
        (("status",), "memories +1, "),
    ):
        with Terminal("--phrase", *command) as terminal:
            terminal.wait_for("Recovery phrase, 24 words")
            terminal.type(vault.phrase)
            terminal.wait_for(says)
            assert terminal.end() == 0


def test_a_person_decides_about_an_older_backup(cli: Cli, backup: str) -> None:
    cli.capture("after the backup")
    cli.ok("backup", "make", str(Path(backup).parent))

    with Terminal("restore", backup) as terminal:
        terminal.wait_for("would be replaced")
        terminal.wait_for("Type “restore” to go on")
        terminal.type("restore")
        terminal.wait_for("older")
        terminal.wait_for("Type “yes” to restore all the same")
        terminal.type("no")
        terminal.wait_for("nothing was restored")
        assert terminal.end() == 4
    assert len(cli.json("list")["memories"]) == 2


def test_a_person_decides_about_a_missing_ledger(backup: str) -> None:
    for ledger in Path(backup).parent.glob("*.ledger"):
        ledger.unlink()

    answers = []
    with Terminal("restore", backup, "--yes", "--allow-older") as terminal:
        while True:
            found = terminal.wait_for("Type “yes” to restore all the same|The vault is back")
            if found[0] == "The vault is back":
                break
            answers.append(found)
            terminal.type("yes")
        assert terminal.end() == 0
    assert len(answers) <= 1


@pytest.mark.parametrize(
    "command", [["verify"], ["restore"], ["archive", "inspect"], ["archive", "import"]]
)
def test_a_file_that_is_not_there_is_not_found(
    cli: Cli, environment: Path, command: list[str]
) -> None:
    answer = cli(*command, str(environment / "nowhere.backup"))

    assert answer.code == 3
    assert "There is no such file." in answer.err


def test_a_wrong_secret_is_said_not_to_open_the_backup(
    backup: str, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    monkeypatch.setenv("MNEMOSYNE_HOME", str(environment / "elsewhere"))
    with Terminal("restore", backup) as terminal:
        terminal.wait_for("Passphrase: ")
        terminal.type("not the right one at all")
        terminal.wait_for("this passphrase does not open the backup")
        assert terminal.end() == 7
