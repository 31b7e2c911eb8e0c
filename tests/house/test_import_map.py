"""A new folder joins the import map in the commit that creates it."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.requirements import requirement

PACKAGE = ROOT / "src" / "mnemosyne"
# What may know a terminal or a web framework, and what composes those that do.
TRANSPORTS = {"api", "web", "cli", "mcp_server", "http", "entrypoints"}


@pytest.fixture(scope="module")
def contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    return parser


def folders_with(name: str) -> set[str]:
    return {f"mnemosyne.{path.parent.name}" for path in PACKAGE.glob(f"*/{name}")}


def test_every_feature_is_held_to_the_order_inside_a_feature(contracts: ConfigParser) -> None:
    listed = set(contracts["importlinter:contract:inside-a-feature"]["containers"].split())

    assert listed == folders_with("model.py") | folders_with("service.py")


def test_every_folder_but_the_transports_is_kept_from_web_frameworks(
    contracts: ConfigParser,
) -> None:
    section = contracts["importlinter:contract:features-know-no-transport"]
    listed = set(section["source_modules"].split())
    single_modules = {f"mnemosyne.{path.stem}" for path in PACKAGE.glob("*.py")}

    assert listed - single_modules == folders_with("__init__.py") - {
        f"mnemosyne.{name}" for name in TRANSPORTS
    }


def _lint(source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the package below ``source`` against the map."""
    program = (
        f"import sys; sys.path.insert(0, {str(source)!r}); "
        "from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports({str(ROOT / '.importlinter')!r}, no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )


@requirement("house.import-map")
def test_every_import_follows_the_map(tmp_path: Path) -> None:
    checked = _lint(ROOT / "src", tmp_path)

    assert checked.returncode == 0, checked.stdout


@requirement("house.import-map")
def test_a_planted_import_against_the_map_is_found(tmp_path: Path) -> None:
    copied = shutil.copytree(PACKAGE, tmp_path / "mnemosyne")
    with (copied / "kit" / "clock.py").open("a") as module:
        module.write("from mnemosyne.contacts import store\n")

    checked = _lint(tmp_path, tmp_path)

    assert checked.returncode == 1
    assert "mnemosyne.kit.clock -> mnemosyne.contacts.store" in checked.stdout
