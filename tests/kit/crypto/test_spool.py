"""A spool: sealed, nameless, read at any place, and gone whatever happens."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.kit.crypto.spool import CHUNK, Spool, SpoolFullError
from tests.requirements import requirement

CANARY = b"Quittenmarmelade"


def whole(content: bytes, folder: Path) -> Spool:
    spool = Spool(folder)
    spool.write(content)
    spool.finish()
    return spool


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_it_gives_back_what_was_written(tmp_path: Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    spool = Spool(tmp_path)
    for start in range(0, size, 10_000):
        spool.write(content[start : start + 10_000])
    spool.finish()

    assert spool.size == size
    assert spool.open().read() == content
    spool.close()


def test_it_is_read_at_any_place_by_several_readers(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(2 * CHUNK + 100)
    spool = whole(content, tmp_path)
    one, other = spool.open(), spool.open()
    places = [CHUNK - 3, 5, 2 * CHUNK + 90, 0]
    read = [(one.seek(place), one.read(20)) for place in places]

    assert read == [(place, content[place : place + 20]) for place in places]
    assert one.seek(-10, os.SEEK_END) == len(content) - 10
    assert (one.read(), one.tell()) == (content[-10:], len(content))
    assert other.read(7) == content[:7]
    with pytest.raises(OSError, match="before the beginning"):
        other.seek(-CHUNK * 9, os.SEEK_CUR)
    spool.close()


@requirement("serving.uploads")
def test_no_file_has_its_name_and_no_byte_of_it_lies_open(tmp_path: Path) -> None:
    spool = whole(CANARY * 10_000, tmp_path)
    descriptor = os.dup(spool._file.fileno())
    stored = os.pread(descriptor, 1_000_000, 0)
    os.close(descriptor)

    assert list(tmp_path.iterdir()) == []
    assert len(stored) > 160_000
    assert CANARY not in stored
    spool.close()


def test_a_changed_byte_is_never_given_out(tmp_path: Path) -> None:
    spool = whole(CANARY * 10_000, tmp_path)
    os.pwrite(spool._file.fileno(), b"\0\0\0\0", 500)

    with pytest.raises(OSError, match="Input/output error"):
        spool.open().read()
    spool.close()


def test_a_closed_spool_gives_and_takes_nothing(tmp_path: Path) -> None:
    spool = whole(CANARY, tmp_path)
    reader = spool.open()
    spool.close()
    spool.close()

    with pytest.raises(ValueError, match="closed"):
        reader.read()
    with pytest.raises(ValueError, match="nothing more"):
        spool.write(b"more")
    with pytest.raises(ValueError, match="closed"):
        spool.finish()
    unfinished = Spool(tmp_path)
    with pytest.raises(ValueError, match="still being written"):
        unfinished.open()
    unfinished.close()


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpoolFullError) as refused:
        Spool(tmp_path / "missing")

    assert refused.value.code == "spool-full"


_DIES = """
import os, pathlib, sys
from mnemosyne.kit.crypto.spool import Spool
spool = Spool(pathlib.Path(sys.argv[1]))
spool.write(b"Quittenmarmelade" * 10_000)
print("written", flush=True)
sys.stdin.read()
"""


@requirement("serving.uploads")
def test_nothing_is_left_where_the_process_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _DIES, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert list(tmp_path.iterdir()) == []
