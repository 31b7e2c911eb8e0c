"""A change of slots is on the disk, whole, or it did not happen, whatever stops it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.slots import KeySlots
from tests.clock import START
from tests.requirements import requirement

KEY = KeyFile(bytes(range(32)))
NEW = KeyFile(b"n" * 32)

# Dies at the n-th thing it does to a file of the vault, for n = 1, 2, … until it lives. Its parent
# looks at what each death left behind.
DIE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.slots import KeySlots

slots = KeySlots(VaultHome(Path(sys.argv[1])))
old, new = KeyFile(bytes(range(32))), KeyFile(b"n" * 32)
root = slots.unlock(old)

def change(die_at):
    left = [die_at]
    def hook(event, arguments):
        if event in ("open", "os.rename", "os.remove") and "vault" in str(arguments[0]):
            left[0] -= 1
            if left[0] == 0:
                os._exit(9)
    sys.addaudithook(hook)
    slots.add(root, new, at=datetime(2026, 1, 1, tzinfo=UTC))
    os._exit(0)

for step in range(1, 100):
    if (child := os.fork()) == 0:
        change(step)
    _, status = os.waitpid(child, 0)
    assert slots.unlock(old) == root
    found = len(slots.list())
    print(step, os.waitstatus_to_exitcode(status), found, flush=True)
    if status == 0:
        assert slots.unlock(new) == root
        break
    assert found == 1 or slots.unlock(new) == root
"""

# The file system takes no more than some bytes of any file, as a full disk would.
FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.kit.vault.slot_errors import SlotsNotWrittenError

slots, at = KeySlots(VaultHome(Path(sys.argv[1]))), datetime(2026, 1, 1, tzinfo=UTC)
old, new = KeyFile(bytes(range(32))), KeyFile(b"n" * 32)
root = slots.unlock(old) if slots.home.slots.exists() else None
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    slots.add(root, new, at=at) if root else slots.create([old], at=at)
except SlotsNotWrittenError as error:
    print(error.code, error.why)
"""

ADD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.slots import KeySlots

slots = KeySlots(VaultHome(Path(sys.argv[1])))
root = slots.unlock(KeyFile(bytes(range(32))))
print("ready", flush=True)
sys.stdin.readline()
for number in range(4):
    key = KeyFile(bytes([int(sys.argv[2]), number]) * 16)
    slots.add(root, key, at=datetime(2026, 1, 1, tzinfo=UTC))
"""


@pytest.fixture
def slots(home: VaultHome) -> KeySlots:
    made = KeySlots(home)
    made.create([KEY], at=START)
    return made


def run(program: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True
    ).stdout


@requirement("vault.slots.atomic")
def test_the_previous_slots_are_kept(slots: KeySlots) -> None:
    root, first = slots.unlock(KEY), slots.home.slots.read_bytes()
    assert not slots.home.previous_slots.exists()

    slots.add(root, NEW, at=START)
    second = slots.home.slots.read_bytes()
    assert slots.home.previous_slots.read_bytes() == first

    slots.remove(root, slots.list()[0].id)
    assert slots.home.previous_slots.read_bytes() == second


@requirement("vault.slots.atomic")
def test_a_file_is_synced_before_it_takes_its_name_and_the_folder_after(
    slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(descriptor: int) -> None:
        real_sync(descriptor)
        status = os.fstat(descriptor)
        names = {path.stat().st_ino: path.name for path in slots.home.path.iterdir()}
        folder = stat.S_ISDIR(status.st_mode)
        done.append("sync folder" if folder else f"sync {names[status.st_ino]}")

    def replace(old: Path, new: Path) -> None:
        real_replace(old, new)
        done.append(f"rename to {Path(new).name}")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    slots.add(slots.unlock(KEY), NEW, at=START)

    assert done == [
        "sync vault.slots.previous.new",
        "sync folder",
        "rename to vault.slots.previous",
        "sync folder",
        "sync vault.slots.new",
        "sync folder",
        "rename to vault.slots",
        "sync folder",
    ]


@requirement("vault.slots.atomic")
def test_death_at_any_step_leaves_the_old_slots_or_the_new_ones(slots: KeySlots) -> None:
    deaths = [line.split() for line in run(DIE, str(slots.home.path)).splitlines()]

    assert len(deaths) > 8
    assert {code for _, code, _ in deaths[:-1]} == {"9"}
    assert deaths[-1][1] == "0"


@requirement("vault.slots.atomic")
@pytest.mark.parametrize("room", [0, 100, 650])  # the last is enough for the copy of the old ones
def test_a_full_disk_leaves_the_slots_as_they_were(slots: KeySlots, room: int) -> None:
    before = slots.home.slots.read_bytes()
    assert 100 < len(before) < 650

    said = run(FULL, str(slots.home.path), str(room))

    assert said.startswith("slots-not-written The system says: File too large")
    assert slots.home.slots.read_bytes() == before
    assert not list(slots.home.path.glob("*.new"))
    slots.add(slots.unlock(KEY), NEW, at=START)


def test_a_full_disk_at_the_start_leaves_no_slots_at_all(home: VaultHome) -> None:
    assert run(FULL, str(home.path), "10").startswith("slots-not-written")
    assert list(home.path.iterdir()) == [home.processes]


def test_changes_of_several_processes_are_all_kept(slots: KeySlots) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, str(slots.home.path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(3)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write(b"go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate()

    assert [program.returncode for program in programs] == [0, 0, 0]
    assert len(slots.list()) == 1 + 3 * 4
    root = slots.unlock(KEY)
    assert slots.unlock(KeyFile(bytes([2, 3]) * 16)) == root


def test_every_file_of_the_slots_is_private(slots: KeySlots) -> None:
    before = os.umask(0)
    try:
        slots.add(slots.unlock(KEY), NEW, at=START)
    finally:
        os.umask(before)

    for path in (slots.home.slots, slots.home.previous_slots):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
