"""The tour runs from nothing to a restored vault, without a network and without a trace."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT
from tests.requirements import requirement

# Ends the program at the first attempt, so that nothing in between can catch it.
_WITHOUT_NETWORK = """
import os, runpy, sys

def refuse(event, arguments):
    looked_up = event in {
        "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"
    }
    # The chapter that serves talks to itself, over the loopback address and by number.
    sent = event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and (
        isinstance(arguments[1], tuple) and arguments[1][0] != "127.0.0.1"
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


@requirement("demo.complete", "demo.offline", "demo.answers", "demo.erased")
def test_the_tour_runs_to_its_end_offline_and_shows_what_it_says(tmp_path: Path) -> None:
    # One test, since the tour takes its time: every promise of it is looked for in what it prints.
    done = tour(tmp_path)
    text = done.stdout

    assert done.returncode == 0, text[-2000:] + done.stderr[-2000:]
    assert text.count("the answer is among the first") == 5
    assert "✓ as of 2024-06-01: Abe" in text
    assert "✓ as of 2025-10-01: gas meter" in text
    assert "✓ no file of the vault holds the word" in text
    assert "✓ the copy names entry" in text
    assert "first bad entry" in text
    assert "✓ everything is back, and what was erased since stays erased" in text
    assert "✓ the DID is Lotte’s again, and the thief’s entries are nullified" in text
    assert "✓ it resolves there, offline, to the document after the recovery" in text
    assert "✓ no memory without a credential, and none under a foreign name" in text
    assert "✓ signed in, without a password" in text
    assert "✓ erased; the receipt is entry" in text
    assert "✓ it read, could not write, and is refused from the moment it was revoked" in text
    assert "✓ signed out is signed out" in text
    assert "Where to look next" in text
    assert list(tmp_path.iterdir()) == []


def test_the_watch_over_the_tour_does_end_it_when_it_reaches_out(tmp_path: Path) -> None:
    assert tour(tmp_path, "--reach-out").returncode == 86
