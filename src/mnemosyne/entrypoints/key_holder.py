"""The process that keeps a vault unlocked for a while, and how the shell starts it."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from mnemosyne.kit.vault.holder_place import HolderPlace, KeyHolderError
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_holder import Held, KeyHolder, boot_time, keep_memory_private

_READY: Final = b"ready\n"


def start(place: HolderPlace, database_key: bytes, seconds: float, until: datetime) -> None:
    """Start a holder of ``database_key`` and return once it answers.

    Raises:
        KeyHolderError: it did not start.
    """
    place.prepare()
    status = VaultHome(place.home).database.stat()
    facts = {
        "folder": str(place.folder),
        "home": str(place.home),
        "key": database_key.hex(),
        "device": status.st_dev,
        "inode": status.st_ino,
        "seconds": seconds,
        "until": until.isoformat(),
    }
    # Through a pipe: arguments and environment can be read by others.
    process = subprocess.Popen(
        [sys.executable, "-m", "mnemosyne.entrypoints.key_holder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    pipe, answer = process.stdin, process.stdout
    if pipe is None or answer is None:
        message = "a process was started without the pipes that were asked for"
        raise TypeError(message)
    with pipe, answer:
        pipe.write(json.dumps(facts).encode("ascii"))
        pipe.close()
        line = answer.readline()
    if line != _READY:
        raise KeyHolderError(line.decode("utf-8", "replace").strip() or "It ended at once")
    process.returncode = 0  # it is nobody's child to wait for: it outlives the command


def main() -> None:
    """Hold what stands on the standard input until the deadline."""
    keep_memory_private()
    os.umask(0o077)
    facts = json.load(sys.stdin.buffer)
    held = Held(bytearray.fromhex(facts["key"]), facts["device"], facts["inode"], facts["until"])
    place = HolderPlace(Path(facts["folder"]), Path(facts["home"]))
    deadline = boot_time() + facts["seconds"]
    try:
        KeyHolder(place, held, deadline).serve(_tell_ready)
    except KeyHolderError as error:
        sys.stdout.write(f"{error.why}\n")
        sys.exit(1)


def _tell_ready() -> None:
    sys.stdout.buffer.write(_READY)
    sys.stdout.flush()
    # The command that started it ends, and so does its terminal.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


if __name__ == "__main__":
    main()
