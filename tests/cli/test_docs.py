"""What docs/cli.md and docs/settings.md say is what there is, and the reverse."""

import ast
import re

import pytest
from typer.main import get_command

from mnemosyne.cli.app import NAME, build
from mnemosyne.cli.documents import memory as document_of
from mnemosyne.cli.format_names import FormatName
from mnemosyne.cli.order_names import OrderName
from mnemosyne.entrypoints.console import LocalNode
from mnemosyne.memories.importing.detect import Format
from mnemosyne.memories.service.answering import SearchOrder
from mnemosyne.settings import PREFIX, Settings
from tests.cli.commands import every_command
from tests.cli.conftest import Cli
from tests.house.tree import ROOT
from tests.requirements import requirement

SHELL = (ROOT / "docs" / "cli.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")
SECTION = re.compile(
    r"^#### `mnemosyne ([a-z -]+)`\n(.*?)(?=^#{2,4} |\Z)", re.MULTILINE | re.DOTALL
)
SECTIONS: dict[str, str] = dict(SECTION.findall(SHELL))


def options_of(name: str) -> set[str]:
    command = get_command(build(LocalNode()))
    for word in name.split():
        command = command.commands[word]  # type: ignore[attr-defined]  # a group has them
    return {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in parameter.opts
        if option not in {"--help", "-h"}
    }


@requirement("cli.help")
def test_every_command_is_documented_and_nothing_else() -> None:
    assert set(SECTIONS) == set(every_command())


@requirement("cli.help")
def test_every_documented_example_is_that_of_the_command() -> None:
    shown = {name: re.findall(r"```sh\n(.*?)\n```", text) for name, text in SECTIONS.items()}

    assert shown == {name: [command.example] for name, command in every_command().items()}


def test_every_option_is_documented_and_no_other() -> None:
    documented = {
        name: {
            option
            for row in re.findall(r"^\| (`-.*?`) \|", text, re.MULTILINE)
            for option in re.findall(r"`([^`]+)`", row)
        }
        for name, text in SECTIONS.items()
    }

    assert documented == {name: options_of(name) for name in SECTIONS}


def test_every_command_that_the_page_mentions_exists() -> None:
    groups = {name.rsplit(" ", 1)[0] for name in every_command() if " " in name}
    mentioned = set(re.findall(rf"`{NAME} ([a-z][a-z -]*[a-z])", SHELL))

    for words in mentioned:
        assert any(
            words == name or words.startswith((f"{name} ", name)) or words in groups
            for name in every_command()
        ), words


def test_the_documented_keys_of_a_memory_are_the_real_ones(cli: Cli) -> None:
    cli.capture("something")
    stored = cli.json("list")["memories"][0]
    paragraph = re.search(r"A memory has the keys (.*?)\nLists have", SHELL, re.DOTALL)
    assert paragraph is not None
    listed = re.sub(r"\([^)]*\)", "", paragraph[1])

    assert re.findall(r"`([a-z_]+)`", listed) == list(stored)
    assert document_of.__doc__


@requirement("settings.documented")
def test_every_setting_is_documented_with_its_default_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(MNEMOSYNE_\w+)` \| ([^|]+) \| ([^|]+) \|$", SETTINGS, re.MULTILINE)
    fields = Settings.model_fields

    assert [name for name, _, _ in rows] == [PREFIX + name.upper() for name in fields]
    for (_, default, _), (name, field) in zip(rows, fields.items(), strict=True):
        value = field.get_default(call_default_factory=True)
        if value in {None, ""}:
            assert default.startswith(("none", "the zone"))
        elif name not in {"home", "cache", "runtime"}:
            assert f"`{value}`" in default


@requirement("settings.documented")
def test_the_settings_command_shows_every_setting_with_its_meaning(bare: Cli) -> None:
    found = {each["variable"]: each for each in bare.json("settings")["settings"]}
    shown = bare.ok("settings")

    assert list(found) == [PREFIX + name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        setting = found[PREFIX + name.upper()]
        assert setting["description"] == field.description
        assert setting["variable"] in shown
    assert found["MNEMOSYNE_DRAIN_SECONDS"]["value"] == "0.0"
    assert found["MNEMOSYNE_DRAIN_SECONDS"]["default"] == "5.0"


@requirement("settings.one-reader")
def test_an_unknown_setting_is_refused_by_its_name(
    bare: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_HOEM", "/somewhere")

    answer = bare("settings")

    assert answer.code == 2
    assert "MNEMOSYNE_HOEM" in answer.err


def test_the_names_that_help_lists_are_those_that_are_read() -> None:
    assert [each.value for each in FormatName] == [each.value for each in Format]
    assert {each.searched for each in OrderName} == {each.value for each in SearchOrder}


@requirement("settings.one-reader")
@pytest.mark.parametrize(
    ("name", "value"),
    [("PRECISION", "int4"), ("THREADS", "many"), ("DRAIN_SECONDS", "-1"), ("IMPORT_LIMIT", "1")],
)
def test_a_malformed_setting_is_refused_by_its_name(
    bare: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)

    answer = bare("settings")

    assert answer.code == 2
    assert PREFIX + name in answer.err
    assert "Traceback" not in answer.err


@requirement("settings.one-reader")
def test_a_zone_that_does_not_exist_is_refused_by_the_name_of_its_setting(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNEMOSYNE_TIMEZONE", "Mars/Olympus")

    answer = cli("list")

    assert answer.code == 2
    assert "MNEMOSYNE_TIMEZONE" in answer.err


@requirement("settings.one-reader")
def test_only_the_settings_module_reads_the_environment() -> None:
    package = ROOT / "src" / "mnemosyne"
    readers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute | ast.Name | ast.alias)
        and _name(node) in {"environ", "environb", "getenv", "getenvb"}
    }

    assert readers == {"settings.py"}


@requirement("settings.documented")
def test_every_setting_reaches_a_part_that_uses_it() -> None:
    package = ROOT / "src" / "mnemosyne"
    used = {
        node.attr
        for path in (*(package / "bootstrap").glob("*.py"), package / "entrypoints" / "console.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in {"settings", "own", "self._settings"}
    }

    assert set(Settings.model_fields) - used == set()


def _name(node: ast.Attribute | ast.Name | ast.alias) -> str:
    match node:
        case ast.Attribute():
            return node.attr
        case ast.Name():
            return node.id
        case ast.alias():
            return node.name


def test_every_command_that_a_message_recommends_exists() -> None:
    names = set(every_command())
    groups = {" ".join(name.split()[:n]) for name in names for n in range(1, len(name.split()))}
    unknown = {}
    for path in (ROOT / "src").rglob("*.py"):
        for words in re.findall(r"`mnemosyne ([a-z][a-z -]*)", path.read_text("utf-8")):
            parts = [part for part in words.split() if not part.startswith("-")]
            found = [" ".join(parts[:n]) for n in range(len(parts), 0, -1)]
            if not any(each in names or each in groups for each in found) or (
                found[-1] in groups and len(parts) > 1 and not names & set(found)
            ):
                unknown[str(path.relative_to(ROOT))] = words

    assert unknown == {}
