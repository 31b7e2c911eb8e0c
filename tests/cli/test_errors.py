import importlib
import json
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import typer

import mnemosyne
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.application import Application
from mnemosyne.cli.exit_codes import CODES, ExitCode, exit_code_of
from mnemosyne.cli.running import guarded, tell
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Draft
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.house.tree import ROOT
from tests.requirements import requirement

# Programs by their nature: importing one runs it.
PROGRAMS = {"mnemosyne.__main__", "mnemosyne.migrations.env"}


def every_error() -> Iterator[type[MnemosyneError]]:
    for module in pkgutil.walk_packages(mnemosyne.__path__, "mnemosyne."):
        if module.name not in PROGRAMS:
            importlib.import_module(module.name)
    yield from _below(MnemosyneError)


def _below(error: type[MnemosyneError]) -> Iterator[type[MnemosyneError]]:
    for each in error.__subclasses__():
        if each.__module__.startswith("mnemosyne."):
            yield each
            yield from _below(each)


@requirement("cli.errors")
def test_every_error_of_the_package_has_its_exit_code() -> None:
    known = {code for codes in CODES.values() for code in codes}

    missing = {each.code for each in every_error()} - known
    assert missing == set()


def test_no_exit_code_is_kept_for_an_error_that_nobody_raises() -> None:
    known = {code for codes in CODES.values() for code in codes}

    assert known - {each.code for each in every_error()} == set()


def test_each_error_has_one_exit_code() -> None:
    listed = [code for codes in CODES.values() for code in codes]

    assert len(listed) == len(set(listed))


@requirement("cli.errors")
def test_the_documented_exit_codes_are_the_real_ones() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]*) \|$", text, re.MULTILINE)
    documented = {int(number): set(re.findall(r"`([a-z-]+)`", codes)) for number, codes in rows}

    assert documented == {
        0: set(),
        **{int(number): set(codes) for number, codes in CODES.items()},
        ExitCode.INTERRUPTED: set(),
        ExitCode.BROKEN_PIPE: set(),
    }


@requirement("cli.errors")
def test_an_error_is_told_in_three_lines(bare: Cli) -> None:
    answer = bare("list")

    what, why, hint = answer.err.splitlines()
    assert what.startswith("mnemosyne: there is no vault in ")
    assert why.strip() == "The folder holds neither a database nor what would open one."
    assert "mnemosyne init" in hint
    assert answer.code == ExitCode.NOT_FOUND
    assert answer.out == ""


@requirement("cli.errors")
def test_an_error_with_json_is_json_on_the_error_stream(bare: Cli) -> None:
    answer = bare("list", "--json")

    error = json.loads(answer.err)["error"]
    assert error["code"] == "vault-missing"
    assert error["exit"] == 3
    assert set(error) == {"code", "message", "why", "hint", "exit"}
    assert answer.out == ""


class _TwoLinesError(MnemosyneError):
    code = "two-lines"


def test_an_error_of_several_lines_is_put_on_one(capsys: pytest.CaptureFixture[str]) -> None:
    tell(_TwoLinesError("one\ntwo\r\x1b[2J", why="three\n\nfour"), as_json=False)

    assert capsys.readouterr().err == "mnemosyne: one two ␛[2J\n  three four\n"


def test_an_error_nobody_listed_ends_with_one() -> None:
    assert exit_code_of("never-heard-of") is ExitCode.OTHER


def test_an_interruption_ends_quietly() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended:
        guarded(interrupted)()

    assert ended.value.exit_code == 130


def test_control_c_ends_a_waiting_command_without_a_word(vault: Made) -> None:
    assert vault.home.exists()
    command = [sys.executable, "-m", "mnemosyne", "capture", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        _wait_until_it_reads(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err) == (130, b"", b"")


def _wait_until_it_reads(pid: int) -> None:
    """Wait until the process sleeps in a read of its standard input."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        call = _system_call(pid)
        if call.startswith("0 0x0 "):  # read(0, …
            return
        time.sleep(0.01)
    pytest.skip("this system does not say what a process waits for")


def _system_call(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/syscall").read_text("ascii")
    except OSError:
        return ""


def test_a_pipe_that_nobody_reads_any_more_ends_quietly(vault: Made, cli: Cli) -> None:
    assert vault.home.exists()
    for number in range(3):
        cli.capture(f"memory {number} " + "long " * 2_000)
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "mnemosyne", "list", "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


@requirement("cli.missing-like-foreign")
def test_another_persons_memory_is_answered_as_one_that_does_not_exist(
    cli: Cli, vault: Made
) -> None:
    foreign = _memory_of_somebody_else(vault, cli)
    missing = "0" * 24 + foreign[-8:][::-1]

    for command in (
        *(["get"], ["get", "--all"], ["edit", "--title", "x"], ["pin"], ["never-share"]),
        *(["forget"], ["bin", "restore"], ["erase", "--yes"], ["erase", "--dry-run"]),
    ):
        theirs, nobodys = cli(*command, foreign), cli(*command, missing)
        assert theirs.code == nobodys.code == 3
        assert theirs.err.replace(foreign, "ID") == nobodys.err.replace(missing, "ID")
        assert theirs.out == nobodys.out


def _memory_of_somebody_else(vault: Made, cli: Cli) -> str:
    async def work(app: Application) -> str:
        later = cli.clock() + timedelta(seconds=1)  # Ada made the vault
        who = Person(new_id(later), "Grace", later, "")
        await app.database.write(lambda tx: accounts.add(tx, who, bytes(32)))
        theirs = Draft("Grace’s own")
        captured = await app.memories.capture(Principal.local(who.id), theirs, "key")
        return captured.memory.id

    return with_services(vault, cli.clock, work)


@requirement("cli.short-ids")
def test_the_end_of_an_identifier_is_enough(cli: Cli) -> None:
    reference = cli.capture("Something to find")

    assert "Something to find" in cli.ok("get", reference[-8:])
    assert "Something to find" in cli.ok("get", reference[-4:])


@requirement("cli.short-ids")
def test_an_end_that_fits_several_is_refused_with_longer_ones(cli: Cli, environment: Path) -> None:
    one, other = _two_that_end_alike(cli, environment / "many.jsonl")

    answer = cli("get", one[-4:])

    assert answer.code == 2
    assert one[-12:] in answer.err
    assert other[-12:] in answer.err


def _two_that_end_alike(cli: Cli, file: Path) -> tuple[str, str]:
    """Return two identifiers that end in the same four digits; of a thousand, several do."""
    file.write_text("".join(f'{{"content": "memory {number}"}}\n' for number in range(1_000)))
    cli.ok("import", str(file))
    ends: dict[str, str] = {}
    for each in cli.json("list", "--limit", "1000")["memories"]:
        reference = each["id"]
        if (other := ends.get(reference[-4:])) is not None:
            return reference, other
        ends[reference[-4:]] = reference
    pytest.fail("no two ends were alike")
