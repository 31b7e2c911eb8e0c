"""Output that nobody takes ends a command in three lines, and never in a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Made

_FULL = Path("/dev/full")
_NO_FULL_DEVICE = pytest.mark.skipif(not _FULL.exists(), reason="this system has no full device")


@_NO_FULL_DEVICE
@pytest.mark.usefixtures("cli")
@pytest.mark.parametrize("arguments", [("--help",), ("audit", "checkpoint")])
def test_a_full_disk_behind_the_output_is_told_in_three_lines(
    arguments: tuple[str, ...],
) -> None:
    with _FULL.open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "mnemosyne", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    told = ended.stderr.decode()
    assert "the output could not be written" in told
    assert "No space left on device" in told
    assert len(told.splitlines()) == 3
    assert ended.returncode == 8


@pytest.mark.usefixtures("cli")
def test_a_reader_that_has_gone_ends_a_command_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    command = [sys.executable, "-m", "mnemosyne", "audit", "checkpoint"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)

    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_a_command_whose_output_was_closed_does_its_work(environment: Path) -> None:
    assert environment.exists()
    command = f"exec {sys.executable} -m mnemosyne settings >&-"
    ended = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, check=False)

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.usefixtures("cli")
@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (("key", "phrase", "verify"), "mnemosyne --phrase-file FILE"),
        (("key", "add-passphrase"), "--generate"),
    ],
)
def test_without_a_terminal_the_next_step_is_one_that_helps(
    arguments: tuple[str, ...], instead: str
) -> None:
    command = [sys.executable, "-m", "mnemosyne", *arguments]
    refused = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False, start_new_session=True
    )

    assert refused.returncode == 2
    assert "there is no terminal" in refused.stderr.decode()
    assert instead in refused.stderr.decode()
    assert "MNEMOSYNE_KEY_FILE" not in refused.stderr.decode()


def test_a_phrase_in_a_file_is_rehearsed(cli: Cli, vault: Made) -> None:
    rehearsed = cli("--phrase-file", "-", "key", "phrase", "verify", stdin=vault.phrase + "\n")

    assert "It opens the vault" in rehearsed.out


def test_a_wrong_choice_is_told_without_the_name_of_an_exception(bare: Cli) -> None:
    refused = bare("key", "rotate", "--only", "foo")

    assert refused.code == 2
    assert "'foo' is not one of" in refused.err
    assert "Value error" not in refused.err


def test_a_folder_of_that_name_is_not_called_a_file(cli: Cli, tmp_path: Path) -> None:
    refused = cli("audit", "export", str(tmp_path))

    assert refused.code == 8
    assert "There is a folder of that name already" in refused.err


def test_a_missing_phrase_file_is_told_in_the_words_of_the_system(cli: Cli) -> None:
    refused = cli("--phrase-file", "nofile", "status")

    assert "The system says: No such file or directory." in refused.err
    assert "Errno" not in refused.err
