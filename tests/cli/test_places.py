"""Where a node writes: into its home, and what holds nothing of a person into the cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import requirement

CANARY = "Quittenmarmelade"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Be a person with a home of their own, where nothing is set but the vault's place."""
    for folder in ("person", "temporary", "stick"):
        (tmp_path / folder).mkdir(mode=0o700)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MNEMOSYNE_", "XDG_"))}
    return {
        **kept,
        "HOME": str(tmp_path / "person"),
        "TMPDIR": str(tmp_path / "temporary"),
        "MNEMOSYNE_HOME": str(tmp_path / "vault"),
        "MNEMOSYNE_CACHE": str(tmp_path / "cache"),
        "MNEMOSYNE_KEY_FILE": str(tmp_path / "stick" / "key"),
        "MNEMOSYNE_DRAIN_SECONDS": "600",
    }


def run(machine: dict[str, str], *arguments: str) -> str:
    """Run a command as a process of its own, in the person's home."""
    return subprocess.run(
        [sys.executable, "-m", "mnemosyne", *arguments],
        env=machine,
        cwd=machine["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


@requirement("vault.home", "egress.none")
def test_all_data_lies_in_the_home_and_the_cache_holds_nothing_of_a_person(
    machine: dict[str, str], tmp_path: Path
) -> None:
    notes = tmp_path / "stick" / "notes"
    notes.mkdir()
    (notes / "one.md").write_text(f"We made {CANARY} with Anna.")
    key = machine["MNEMOSYNE_KEY_FILE"]
    run(machine, "init", "--key-file", key, "--phrase-out", str(tmp_path / "stick" / "phrase"))
    before = files(tmp_path / "stick")

    run(machine, "capture", f"{CANARY} again.")
    run(machine, "import", str(notes))
    assert CANARY in run(machine, "search", "jam of quinces")
    run(machine, "doctor")

    written = files(tmp_path) - before
    vault, cache = tmp_path / "vault", tmp_path / "cache"
    outside = {path for path in written if not path.is_relative_to(vault)}
    assert {path.name for path in files(vault)} >= {"vault.db", "vault.slots"}
    assert {path.suffix for path in outside} == {".onnx", ".sha256"}
    assert all(path.is_relative_to(cache) for path in outside)
    for path in outside:
        content = path.read_bytes()
        assert CANARY.encode() not in content
        assert b"Anna" not in content
