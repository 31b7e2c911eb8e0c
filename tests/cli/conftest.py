"""The real command line on a real vault, made once and copied for each test."""

import asyncio
import functools
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.testing
from typer.testing import CliRunner

from mnemosyne import bootstrap
from mnemosyne.cli.app import NAME, build
from mnemosyne.entrypoints.console import LocalNode
from mnemosyne.kit.vault.key_file import KeyFileRules, create_key_file
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.kit.vault.phrase import generate_phrase
from mnemosyne.settings import PREFIX, Settings
from tests.clock import SetClock

if TYPE_CHECKING:
    from mnemosyne.kit.vault.slot_wrapping import Secret

FAST = Argon2Parameters(memory_kib=64, passes=1, lanes=1)
PASSPHRASE = "marble-otter-9-violin-tundra"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command wrote and how it ended."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> dict[str, Any]:
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


class _Current:
    """The installation of the test that runs, behind a command line that is built once."""

    node: LocalNode

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a node has
        return getattr(self.node, name)


_CURRENT = _Current()
_APP = functools.cache(lambda: build(_CURRENT))
# Building a hundred commands takes longer than running one.
typer.testing._get_command = functools.cache(typer.testing._get_command)  # type: ignore[attr-defined] # not exported


class Cli:
    """Runs commands in this process, with a clock that the test sets."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock

    def __call__(self, *arguments: str, stdin: str | bytes | None = None) -> Answer:
        """Run one command whatever it ends with."""
        _CURRENT.node = LocalNode(self.clock, FAST)
        result = CliRunner().invoke(
            _APP(), list(arguments), input=stdin, prog_name=NAME, catch_exceptions=False
        )
        return Answer(result.stdout, result.stderr, result.exit_code)

    def ok(self, *arguments: str, stdin: str | bytes | None = None) -> str:
        """Run one command that must succeed and return what it printed."""
        answer = self(*arguments, stdin=stdin)
        assert answer.code == 0, answer.err
        return answer.out

    def json(self, *arguments: str, stdin: str | bytes | None = None) -> dict[str, Any]:
        """Run one command with --json and return its document."""
        end = arguments.index("--") if "--" in arguments else len(arguments)
        answer = self(*arguments[:end], "--json", *arguments[end:], stdin=stdin)
        assert answer.code == 0, answer.err
        return answer.json

    def capture(self, text: str, *options: str) -> str:
        """Remember ``text`` and return its identifier."""
        document = self.json("capture", *options, "--", text)
        return str(document["memory"]["id"])


@dataclass(frozen=True, slots=True)
class Made:
    """A vault in a folder of its own, and what opens it."""

    folder: Path
    phrase: str

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def key_file(self) -> Path:
        return self.folder / "keys" / "vault.key"


@pytest.fixture(scope="session")
def made_vault(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Make a vault with a key file, a passphrase and a phrase; copy it, never open it."""
    made = Made(tmp_path_factory.mktemp("cli"), " ".join((phrase := generate_phrase()).words))
    made.key_file.parent.mkdir()
    key = create_key_file(made.key_file, KeyFileRules(made.home))
    secrets: list[Secret] = [key, Passphrase(PASSPHRASE), phrase]
    asyncio.run(
        bootstrap.create(
            Settings(home=made.home),
            "Ada",
            secrets,
            phrase.recovery_key_hash(0),
            argon2=FAST,
            clock=SetClock(),
        )
    )
    return made


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave no setting of the person who runs the tests; give an empty home."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MNEMOSYNE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MNEMOSYNE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MNEMOSYNE_TIMEZONE", "Europe/Lisbon")
    monkeypatch.setenv("MNEMOSYNE_DRAIN_SECONDS", "0")
    return tmp_path


@pytest.fixture
def bare(environment: Path, clock: SetClock) -> Cli:
    """Give the command line on a machine without a vault."""
    assert not (environment / "home").exists()
    return Cli(clock)


@pytest.fixture
def vault(made_vault: Made, environment: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Give the test a vault of its own, opened by a key file without a prompt."""
    own = Made(environment, made_vault.phrase)
    shutil.copytree(made_vault.home, own.home)
    shutil.copytree(made_vault.key_file.parent, own.key_file.parent)
    monkeypatch.setenv("MNEMOSYNE_KEY_FILE", str(own.key_file))
    return own


@pytest.fixture
def cli(vault: Made, clock: SetClock) -> Cli:
    """Give the command line on the test's vault."""
    assert vault.home.is_dir()
    return Cli(clock)
