"""The tour runs from nothing to a restored vault, without a network and without a trace."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.requirements import requirement

# Ends the program at the first attempt, so that nothing in between can catch it.
_WITHOUT_NETWORK = """
import os, runpy, sys

def refuse(event, arguments):
    looked_up = event in {
        "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"
    }
    sent = event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and isinstance(
        arguments[1], tuple
    )
    if looked_up or sent:
        os.write(2, f"reached out: {event} {arguments!r}\\n".encode())
        os._exit(86)

sys.addaudithook(refuse)
if "--reach-out" in sys.argv:
    import socket
    socket.getaddrinfo("mnemosyne.invalid", 443)
runpy.run_module("demo", run_name="__main__")
"""


def tour(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Play the tour with ``folder`` as the place for temporary files."""
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT_NETWORK, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Play the tour once and return what it printed, and the folder it was given."""
    folder = tmp_path_factory.mktemp("tour")
    done = tour(folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout, folder


@requirement("demo.complete", "demo.offline")
def test_the_tour_runs_to_its_end_offline_and_leaves_nothing_behind(
    played: tuple[str, Path],
) -> None:
    text, folder = played

    assert "Where to look next" in text
    assert list(folder.iterdir()) == []


def test_the_watch_over_the_tour_does_end_it_when_it_reaches_out(tmp_path: Path) -> None:
    assert tour(tmp_path, "--reach-out").returncode == 86


@requirement("demo.answers")
def test_it_answers_five_questions_and_one_fact_as_of_two_dates(played: tuple[str, Path]) -> None:
    text, _ = played

    assert text.count("the answer is among the first") == 5
    assert "✓ as of 2024-06-01: Abe" in text
    assert "✓ as of 2025-10-01: gas meter" in text


@requirement("demo.erased")
def test_it_proves_an_erased_memory_gone(played: tuple[str, Path]) -> None:
    text, _ = played

    assert "✓ no file of the vault holds the word" in text
    assert "✓ everything is back, and what was erased since stays erased" in text
