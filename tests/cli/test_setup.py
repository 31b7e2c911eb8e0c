import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.cli.errors import OutputFileError
from mnemosyne.cli.phrase_card import write_phrase
from mnemosyne.kit.vault.phrase import parse_phrase
from tests.cli.conftest import PASSPHRASE, Cli, Made
from tests.cli.terminal import Terminal, words_of_the_card
from tests.requirements import requirement


@pytest.fixture
def unattended(bare: Cli, environment: Path) -> Cli:
    """Make a vault without a prompt."""
    bare.ok("init", "--key-file", str(environment / "k"), "--phrase-out", str(environment / "p"))
    return bare


@requirement("vault.slots.unattended", "cli.without-vault")
def test_a_script_makes_a_vault_without_a_prompt(
    bare: Cli, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, phrase = environment / "stick.key", environment / "phrase.txt"

    shown = bare.ok("init", "--key-file", str(key), "--phrase-out", str(phrase), "--name", "Ada")

    assert "Nothing left this machine" in shown
    assert stat.S_IMODE(phrase.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(parse_phrase(phrase.read_text("ascii")).words) == 24
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(key))
    assert bare.json("status")["person"]["name"] == "Ada"


def test_a_vault_says_what_to_do_next_in_four_commands(bare: Cli, environment: Path) -> None:
    shown = bare.ok(
        "init", "--key-file", str(environment / "k"), "--phrase-out", str(environment / "p")
    )

    commands = ("capture", "import", "search", "backup make FOLDER")
    for command in (f"mnemosyne {each}" for each in commands):
        assert f"MNEMOSYNE_KEY_FILE={environment / 'k'} {command}" in shown


def test_a_key_file_that_exists_is_used(bare: Cli, environment: Path) -> None:
    key = environment / "k"
    bare.ok("key", "file", "create", str(key))
    before = key.read_bytes()

    bare.ok("init", "--key-file", str(key), "--phrase-out", str(environment / "p"))

    assert key.read_bytes() == before


@requirement("vault.init-once")
def test_a_vault_that_exists_is_never_touched(unattended: Cli, environment: Path) -> None:
    before = {each: each.read_bytes() for each in (environment / "home").glob("vault.*")}

    answer = unattended(
        "init", "--key-file", str(environment / "k2"), "--phrase-out", str(environment / "p2")
    )

    assert answer.code == 4
    assert "there is a vault in" in answer.err
    assert {each: each.read_bytes() for each in (environment / "home").glob("vault.*")} == before
    assert not (environment / "k2").exists()
    assert not (environment / "p2").exists()


@requirement("vault.init-once")
@pytest.mark.parametrize("command", [["init"], ["list"], ["capture", "x"]])
def test_half_a_vault_is_reported_and_not_made_anew(
    unattended: Cli, environment: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(environment / "k"))
    (environment / "home" / "vault.db").unlink()

    answer = unattended(*command)

    assert answer.code == 6
    assert "incomplete: vault.db" in answer.err
    assert not (environment / "home" / "vault.db").exists()


def test_a_phrase_never_overwrites_a_file(bare: Cli, environment: Path) -> None:
    phrase = environment / "phrase.txt"
    phrase.write_text("mine")

    answer = bare("init", "--key-file", str(environment / "k"), "--phrase-out", str(phrase))

    assert answer.code == 8
    assert phrase.read_text() == "mine"
    assert not (environment / "home").exists()


def test_a_phrase_is_not_written_beside_the_vault_it_opens(bare: Cli, environment: Path) -> None:
    home = environment / "home"
    home.mkdir(0o700)

    answer = bare(
        "init", "--key-file", str(environment / "k"), "--phrase-out", str(home / "phrase.txt")
    )

    assert answer.code == 8
    assert "beside the vault" in answer.err
    assert list(home.iterdir()) == []


def test_a_phrase_file_goes_when_no_vault_could_be_made(bare: Cli, environment: Path) -> None:
    home = environment / "home"
    home.mkdir(0o755)
    (home / "something").write_text("else")
    home.chmod(0o755)

    answer = bare(
        "init", "--key-file", str(environment / "k"), "--phrase-out", str(environment / "p")
    )

    assert answer.code == 4
    assert not (environment / "p").exists()


def test_a_folder_that_is_missing_is_said(made_vault: Made, tmp_path: Path) -> None:
    with pytest.raises(OutputFileError):
        write_phrase(tmp_path / "no" / "p", parse_phrase(made_vault.phrase), tmp_path / "home")


def test_without_a_terminal_a_script_is_told_how(bare: Cli, environment: Path) -> None:
    answer = bare("init")

    assert answer.code == 2
    assert "--phrase-out FILE" in answer.err
    assert not (environment / "home").exists()


def test_a_made_up_passphrase_is_shown_once(bare: Cli, environment: Path) -> None:
    shown = bare.ok("init", "--generate", "--phrase-out", str(environment / "p"))

    made_up = next(line.strip() for line in shown.splitlines() if line.count("-") == 6)
    assert all(made_up not in each.read_text("utf-8", "replace") for each in files(environment))


def files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


@requirement("vault.slots.phrase-once")
def test_a_person_is_shown_the_phrase_once_and_asked_for_three_words(environment: Path) -> None:
    with Terminal("init", "--name", "Ada") as terminal:
        terminal.wait_for("New passphrase")
        terminal.type(PASSPHRASE)
        terminal.wait_for("The same again")
        terminal.type(PASSPHRASE)
        terminal.wait_for("nobody can help you")
        words = words_of_the_card(terminal.shown)
        for number in range(3):
            position = int(terminal.wait_for(r"Word (\d+) of it: ")[1])
            if number == 0:
                assert not (environment / "home" / "vault.db").exists()
                terminal.type("wrongly")
                assert int(terminal.wait_for(r"Word (\d+) of it: ")[1]) == position
            terminal.type(words[position - 1])
        terminal.wait_for("Your vault is ready")
        assert terminal.end() == 0
        shown = terminal.shown

    assert shown.count("Your recovery phrase") == 1
    assert PASSPHRASE not in shown
    stored = [each.read_bytes() for each in files(environment)]
    assert not any(" ".join(words).encode() in each for each in stored)
    assert not any(f" {words[0]} {words[1]} ".encode() in each for each in stored)
    with Terminal("--phrase", "status") as terminal:
        terminal.wait_for("Recovery phrase, 24 words")
        terminal.type(" ".join(words))
        terminal.wait_for("person +Ada")
        assert terminal.end() == 0


def test_three_passphrases_that_will_not_do_make_nothing(environment: Path) -> None:
    with Terminal("init") as terminal:
        terminal.wait_for("New passphrase")
        terminal.type(PASSPHRASE)
        terminal.wait_for("The same again")
        terminal.type(PASSPHRASE + "x")
        terminal.wait_for("not the same")
        for _ in range(2):
            terminal.wait_for("New passphrase")
            terminal.type("short")
            terminal.wait_for("too weak")
        assert terminal.end() == 4

    assert not (environment / "home").exists()


def test_after_a_weak_passphrase_another_one_is_asked_for(environment: Path) -> None:
    with Terminal("init", "--name", "Adamantia") as terminal:
        terminal.wait_for("New passphrase")
        terminal.type("passwordpassword")
        terminal.wait_for("too weak")
        assert "The same again" not in terminal.shown
        terminal.wait_for("New passphrase")
        terminal.type(PASSPHRASE)
        terminal.wait_for("The same again")
        terminal.type(PASSPHRASE)
        terminal.wait_for(r"Word \d+ of it: ")

    assert not (environment / "home").exists()


def test_wrong_words_end_without_a_vault(environment: Path) -> None:
    with Terminal("init", "--generate") as terminal:
        for _ in range(5):
            terminal.wait_for(r"Word \d+ of it: ")
            terminal.type("wrongly")
        terminal.wait_for("no vault was made")
        assert terminal.end() == 4

    assert not (environment / "home").exists()


@requirement("cli.key-file")
def test_a_key_file_opens_the_vault_without_a_prompt(cli: Cli, vault: Made) -> None:
    assert vault.key_file.exists()

    # Nothing can be typed here, so a prompt would fail.
    assert cli("list").code == 0


@requirement("cli.key-file")
def test_a_process_without_a_terminal_opens_the_vault_by_its_key_file(vault: Made) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mnemosyne", "capture", "-", "--json"],
        input="from a pipe",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={**os.environ, "MNEMOSYNE_KEY_FILE": str(vault.key_file)},
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_without_a_key_file_and_a_terminal_a_script_is_told_how(vault: Made) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MNEMOSYNE_KEY_FILE"}
    done = subprocess.run(
        [sys.executable, "-m", "mnemosyne", "list"],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env=environment,
    )

    assert vault.home.exists()
    assert done.returncode == 2
    assert "MNEMOSYNE_KEY_FILE" in done.stderr


@requirement("cli.pipes")
def test_the_passphrase_is_asked_on_the_terminal_while_a_text_is_piped_in(
    vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    assert vault.home.exists()
    with Terminal("capture", "-", piped_in="words from a pipe") as terminal:
        terminal.wait_for("Passphrase: ")
        terminal.type(PASSPHRASE)
        terminal.wait_for("words from a pipe")
        assert terminal.end() == 0
        assert PASSPHRASE not in terminal.shown


def test_a_wrong_passphrase_is_one_clear_error(
    vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    assert vault.home.exists()
    with Terminal("list") as terminal:
        terminal.wait_for("Passphrase: ")
        terminal.type("not the right one at all")
        terminal.wait_for("this passphrase does not open the vault")
        assert terminal.end() == 7
        assert "Traceback" not in terminal.shown
