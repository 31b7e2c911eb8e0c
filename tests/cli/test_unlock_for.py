"""`unlock --for` keeps commands from asking, and what is final asks all the same."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.cli.errors import SpanUnclearError
from mnemosyne.cli.holding import parse_span
from mnemosyne.kit.vault.holder_lock import holder_lock
from mnemosyne.kit.vault.holder_place import HolderPlace
from tests.cli.conftest import PASSPHRASE, Cli, Made
from tests.cli.terminal import Terminal
from tests.requirements import requirement


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mn-"))
    monkeypatch.setenv("MNEMOSYNE_RUNTIME", str(folder / "r"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def unlocked(
    cli: Cli, vault: Made, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    """Give the command line on a vault that is unlocked for an hour, with nothing else set."""
    assert vault.home.exists()
    assert runtime.exists()
    made = cli.json("unlock", "--for", "1h")
    assert made["unlocked_until"] == (cli.clock() + timedelta(hours=1)).isoformat()
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    yield cli
    cli("lock")


@requirement("vault.unlock-for")
def test_commands_ask_for_nothing_until_the_vault_is_locked(
    unlocked: Cli, vault: Made, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = unlocked.capture("Written while it was unlocked.")
    assert unlocked.json("search", "unlocked")["hits"]
    assert "unlocked" in unlocked.ok("status")
    assert "unlocked-for" in {each["type"] for each in unlocked.json("audit", "log")["entries"]}
    # What can be read can be written to a file; an archive, which holds more, asks.
    assert unlocked.json("export", f"{environment}/all.jsonl", "--redact", "all")["written"] == 1
    assert unlocked.json("erase", first, "--yes")["count"] == 1

    # A second one takes the place of the first.
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(vault.key_file))
    assert "until" in unlocked.ok("unlock", "--for", "30m")
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    later = (unlocked.clock() + timedelta(minutes=30)).isoformat()
    assert unlocked.json("status")["unlocked_until"] == later
    assert unlocked.json("lock") == {"locked": True, "was_unlocked": True}

    assert unlocked("list").code == 2  # there is nobody to ask
    assert "was not unlocked" in unlocked.ok("lock")


@requirement("vault.unlock-for")
def test_a_holder_that_does_not_answer_is_no_lock(
    cli: Cli, vault: Made, runtime: Path, environment: Path
) -> None:
    place = HolderPlace(runtime / "r", vault.home)
    place.prepare()

    with holder_lock(place.lock, 0):
        answer = cli("lock", "--json")

    assert answer.code == 1
    assert answer.out == ""
    assert json.loads(answer.err)["error"]["code"] == "still-unlocked"
    assert environment.exists()


@requirement("vault.unlock-for")
def test_what_concerns_keys_or_everything_or_is_final_needs_a_secret(
    unlocked: Cli, environment: Path
) -> None:
    one, two = unlocked.capture("One."), unlocked.capture("Two.")
    unlocked.ok("forget", one, two)

    for command in (
        ("key", "add-passphrase", "--generate"),
        ("key", "replace-passphrase", "--generate"),
        ("key", "add-key-file", f"{environment}/second.key"),
        ("key", "add-keyring"),
        ("key", "remove", "ffffffff", "--yes"),
        ("archive", "export", f"{environment}/all.mnemosyne"),
        ("backup", "make", f"{environment}/shelf"),
        ("erase", one, two, "--yes"),
        ("bin", "empty", "--yes"),
        ("account", "erase", "--confirm", "Ada"),
    ):
        answer = unlocked(*command)

        assert answer.code == 7, (command, answer.err)
        assert "once more" in answer.err
    assert {each.name for each in environment.iterdir()} <= {"cache", "home", "keys"}
    assert len(unlocked.json("bin", "list")["memories"]) == 2
    # Where there is somebody to ask, the command goes on.
    with Terminal("key", "add-key-file", str(environment / "second.key")) as terminal:
        terminal.wait_for("Passphrase: ")
        terminal.type(PASSPHRASE)
        terminal.wait_for("Added: key-file")
        assert terminal.end() == 0


def test_a_folder_for_the_socket_that_others_can_enter_is_refused(cli: Cli, runtime: Path) -> None:
    (runtime / "r").mkdir()
    (runtime / "r").chmod(0o755)

    answer = cli("unlock", "--for", "1h")

    assert answer.code == 1
    assert "chmod 700" in answer.err


@pytest.mark.parametrize("text", ["", "8", "h", "0h", "8d", "-1h", "1w", "99999m", "8h30m"])
def test_a_time_that_is_none_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(SpanUnclearError):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("8h", timedelta(hours=8)),
        (" 1 D ", timedelta(days=1)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_time_is_read(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


def test_the_key_holder_ends_with_the_person_who_was_erased(
    unlocked: Cli, vault: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(vault.key_file))

    unlocked.ok("account", "erase", "--confirm", "Ada")

    assert unlocked.json("lock")["was_unlocked"] is False
