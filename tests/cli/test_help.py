import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from mnemosyne.cli.app import NAME, build
from mnemosyne.entrypoints.console import LocalNode
from tests.cli.commands import every_command
from tests.cli.conftest import Cli
from tests.requirements import requirement

COMMANDS = every_command()
each_command = pytest.mark.parametrize("name", COMMANDS)


@requirement("cli.help")
@each_command
def test_every_command_has_help_with_an_example(bare: Cli, name: str) -> None:
    shown = " ".join(bare.ok(*name.split(), "--help").split())

    assert f"Usage: mnemosyne {name} " in shown
    assert f"Example: {COMMANDS[name].example}" in shown


@each_command
def test_an_argument_is_named_without_the_type_of_a_program(bare: Cli, name: str) -> None:
    shown = bare.ok(*name.split(), "--help")

    assert not re.search(r"<(list\[|str|path)", shown)


@requirement("cli.help")
@each_command
def test_every_example_can_be_typed_as_it_stands(name: str) -> None:
    command = COMMANDS[name]
    words = shlex.split(command.example.split(" > ")[0])[1:]
    context = get_command(build(LocalNode())).make_context(NAME, words)
    while hasattr(context.command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        child, command, rest = context.command.resolve_command(context, rest)
        context = command.make_context(child, rest, parent=context)

    assert context.command_path == f"{NAME} {name}"


@requirement("cli.help")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_complete_in_the_shell(bare: Cli, shell: str) -> None:
    del bare
    result = CliRunner().invoke(
        build(LocalNode()),
        [],
        prog_name=NAME,
        env={
            "_MNEMOSYNE_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": "mnemosyne cap",
            "COMP_CWORD": "1",
            "_TYPER_COMPLETE_ARGS": "mnemosyne cap",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    )

    assert "capture" in result.stdout


def test_the_list_of_commands_stands_under_headings(bare: Cli) -> None:
    shown = bare.ok("--help")

    headings = re.findall(r"^(\w[\w ]+):$", shown, re.MULTILINE)
    assert headings[1:] == ["Begin", "Remember", "Find", "Change", "Let go", "Look after it"]


def test_the_version_is_told(bare: Cli) -> None:
    assert re.fullmatch(r"mnemosyne \d+\.\d+\.\d+\n", bare.ok("--version"))


@requirement("cli.without-vault")
@pytest.mark.parametrize(
    "command", [["--help"], ["capture", "--help"], ["settings"], ["embedder", "status"]]
)
def test_nothing_of_a_vault_is_needed_or_made(
    bare: Cli, environment: Path, command: list[str]
) -> None:
    bare.ok(*command)

    assert not (environment / "home").exists()


def test_help_loads_neither_a_database_nor_a_model() -> None:
    program = (
        "import sys; from mnemosyne.entrypoints.console import main\n"
        "sys.argv = ['mnemosyne', '--help']\n"
        "try: main()\n"
        "except SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    heavy = {"sqlalchemy", "numpy", "onnxruntime", "alembic", "dateparser", "pydantic_settings"}
    assert not heavy & set(re.findall(r"'([^']+)'", done.stderr))


def test_an_unknown_command_is_a_mistake_of_usage(bare: Cli) -> None:
    answer = bare("remember", "x")

    assert answer.code == 2
    assert "No such command" in answer.err
