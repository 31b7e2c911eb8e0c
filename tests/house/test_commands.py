"""The commands a newcomer meets: the README, the Makefile and what CI runs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.requirements import requirement

TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)(.*)$", re.MULTILINE)


def makefile_targets() -> dict[str, str]:
    return dict(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


@requirement("house.commands")
@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(command: str) -> None:
    assert command in (ROOT / "README.md").read_text("utf-8")


def test_every_make_target_says_what_it_does() -> None:
    undocumented = [name for name, rest in makefile_targets().items() if "## " not in rest]

    assert undocumented == []


@pytest.mark.parametrize("target", ["setup", "demo", "test", "test-browser", "check", "bench"])
def test_the_promised_make_targets_exist(target: str) -> None:
    assert target in makefile_targets()


@requirement("house.commands")
@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_make_alone_lists_every_target() -> None:
    make = shutil.which("make") or ""
    shown = subprocess.run(
        [make, "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert re.findall(r"^ *make ([a-z-]+) ", shown, re.MULTILINE) == list(makefile_targets())


def test_ci_runs_the_tests_and_the_checks() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    lines = script.read_text("utf-8").splitlines()
    made = [line for line in lines if line.startswith("make ")]
    assert made == ["make test", "make check", "make test-browser"]


def _set_up_with(python: str, folder: Path) -> str:
    """Run `make setup` in ``folder`` with one Python on offer; return what it complains about."""
    make = shutil.which("make") or ""
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text("utf-8"))
    (folder / "requirements").mkdir()
    (folder / "requirements" / "dev.lock").touch()
    (folder / "pyproject.toml").touch()
    offered = folder / "python"
    offered.write_text(f"#!/bin/sh\n{python}\n")
    offered.chmod(0o755)
    refused = subprocess.run(
        [make, "setup", f"BASE_PYTHON={offered}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    return refused.stderr


@requirement("house.python")
@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_set_up_refuses_an_unsupported_python(tmp_path: Path) -> None:
    older = 'case "$2" in *version_info*) exit 1;; esac; exit 0'

    assert "Mnemosyne needs Python 3.11 to 3.14" in _set_up_with(older, tmp_path)


@requirement("house.python")
@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_set_up_says_what_to_install_where_python_lacks_venv(tmp_path: Path) -> None:
    without_venv = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'

    assert "install python3-venv" in _set_up_with(without_venv, tmp_path)
