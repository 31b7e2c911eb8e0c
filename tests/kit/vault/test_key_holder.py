"""A key holder gives the database key to its own user until the deadline, and to nobody else."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mnemosyne.kit.principal import NeedsSecretError
from mnemosyne.kit.vault.held_key import end, held_key, unlocked
from mnemosyne.kit.vault.holder_lock import holder_lock, is_free
from mnemosyne.kit.vault.holder_place import (
    HolderPlace,
    KeyHolderError,
    StillUnlockedError,
    peer_of,
    peer_process,
)
from mnemosyne.kit.vault.key_holder import Held, KeyHolder, boot_time
from mnemosyne.kit.vault.root_key import RootKey
from tests.requirements import requirement

KEY = bytes(range(32))
UNTIL = datetime(2026, 11, 24, 18, 4, tzinfo=UTC)


@dataclass
class Running:
    """A holder in a thread, with a clock that the test sets."""

    place: HolderPlace
    uid: int | None = None
    at: float = 100.0
    key: bytearray = field(default_factory=lambda: bytearray(KEY))

    def __post_init__(self) -> None:
        status = (self.place.home / "vault.db").stat()
        held = Held(self.key, status.st_dev, status.st_ino, UNTIL.isoformat())
        holder = KeyHolder(self.place, held, 200.0, lambda: self.at, self.uid)
        ready = threading.Event()
        self.thread = threading.Thread(target=holder.serve, args=(ready.set,), daemon=True)
        self.thread.start()
        assert ready.wait(60)

    def join(self) -> None:
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[HolderPlace]:
    # The path of a socket has about a hundred characters at most.
    folder = Path(tempfile.mkdtemp(prefix="mn-"))
    home = tmp_path / "vault"
    home.mkdir()
    (home / "vault.db").write_bytes(b"")
    yield HolderPlace(folder / "runtime", home)
    shutil.rmtree(folder)


def raw(place: HolderPlace, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(place.socket))
        connection.sendall(line)
        return connection.makefile("rb").readline()


@requirement("vault.unlock-for")
def test_the_key_is_given_out_until_it_is_told_to_end(place: HolderPlace) -> None:
    running = Running(place)

    found, standing = held_key(place), unlocked(place)

    assert found is not None
    assert found.database_key() == KEY
    assert standing is not None
    assert (standing.until, standing.pid) == (UNTIL, os.getpid())
    assert end(place) is True
    running.join()
    assert running.key == bytearray(32)
    assert not place.socket.exists()
    assert (held_key(place), unlocked(place), end(place)) == (None, None, False)


@requirement("vault.unlock-for")
def test_after_the_deadline_nothing_is_given_out_and_the_key_is_overwritten(
    place: HolderPlace,
) -> None:
    running = Running(place)
    assert held_key(place) is not None

    running.at = 200.0  # the machine slept meanwhile
    late = held_key(place)

    assert late is None
    running.join()
    assert running.key == bytearray(32)
    assert not place.socket.exists()


@requirement("vault.unlock-for")
def test_another_user_of_the_machine_gets_nothing(place: HolderPlace) -> None:
    running = Running(place, uid=os.geteuid() + 1)

    assert held_key(place) is None
    assert unlocked(place) is None
    with suppress(ConnectionError):
        assert raw(place, b"key\n") == b""

    running.at = 200.0
    end(place)
    running.join()


@requirement("vault.unlock-for")
def test_socket_and_folder_are_private_whatever_the_umask(place: HolderPlace) -> None:
    before = os.umask(0)
    try:
        running = Running(place)
    finally:
        os.umask(before)

    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    end(place)
    running.join()


@requirement("vault.unlock-for")
def test_a_folder_that_others_can_enter_or_a_link_is_refused(
    place: HolderPlace, tmp_path: Path
) -> None:
    place.folder.mkdir(mode=0o755)
    place.folder.chmod(0o755)
    with pytest.raises(KeyHolderError, match="cannot be kept unlocked") as shared:
        place.prepare()
    (elsewhere := tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(elsewhere)
    with pytest.raises(KeyHolderError):
        HolderPlace(tmp_path / "link", place.home).prepare()
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyHolderError):
        HolderPlace(tmp_path / "file", place.home).prepare()

    assert "chmod 700" in shared.value.hint


def test_what_is_no_question_has_no_answer_and_others_are_served_after(
    place: HolderPlace,
) -> None:
    running = Running(place)

    for line in (b"\n", b"KEY\n", b"{}\n", b"x" * 10_000 + b"\n", b"\xff\xfe\n"):
        with suppress(ConnectionError):  # it does not read to the end of a long one
            assert raw(place, line) == b""
    with socket.socket(socket.AF_UNIX) as rude:
        rude.connect(str(place.socket))
    assert held_key(place) is not None

    end(place)
    running.join()


def test_a_socket_that_a_killed_holder_left_is_no_holder_and_is_replaced(
    place: HolderPlace,
) -> None:
    place.prepare()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place.socket))

    assert held_key(place) is None
    running = Running(place)
    assert held_key(place) is not None
    end(place)
    running.join()


@requirement("vault.unlock-for")
def test_a_key_of_a_vault_that_was_exchanged_is_forgotten(place: HolderPlace) -> None:
    running = Running(place)
    new = place.home / "new"
    new.write_bytes(b"")
    new.replace(place.home / "vault.db")

    assert unlocked(place) is None
    assert held_key(place) is None

    running.join()
    assert running.key == bytearray(32)


@contextmanager
def asking(place: HolderPlace, line: bytes) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(place.socket))
        connection.sendall(line)
        yield connection


@requirement("vault.unlock-for")
def test_whoever_writes_slowly_holds_up_neither_others_nor_the_end(place: HolderPlace) -> None:
    running = Running(place)
    with ExitStack() as stack:
        for _ in range(40):  # more than are heard at a time
            stack.enter_context(asking(place, b" "))

        assert held_key(place) is not None
        assert end(place) is True

        assert running.key == bytearray(32)  # before it was said
        assert is_free(place.lock)
    running.join()


@requirement("vault.unlock-for")
def test_a_question_that_is_not_whole_after_two_seconds_is_dropped(place: HolderPlace) -> None:
    running = Running(place)
    with asking(place, b"ke") as slow:
        assert unlocked(place) is not None

        running.at = 102.0
        with suppress(ConnectionError):
            slow.sendall(b"y\n")
            assert slow.recv(4096) == b""

    assert held_key(place) is not None
    end(place)
    running.join()


@requirement("vault.unlock-for")
def test_a_question_begun_before_the_deadline_gets_no_key_after_it(place: HolderPlace) -> None:
    running = Running(place, at=199.0)
    with asking(place, b"ke") as slow:
        assert unlocked(place) is not None

        running.at = 200.0
        with suppress(ConnectionError):
            slow.sendall(b"y\n")
            assert slow.recv(4096) == b""

    running.join()
    assert running.key == bytearray(32)


@requirement("vault.unlock-for")
def test_a_second_holder_of_a_vault_refuses_and_leaves_the_first_alone(place: HolderPlace) -> None:
    running = Running(place)
    status = (place.home / "vault.db").stat()
    second = bytearray(KEY)

    with pytest.raises(KeyHolderError) as refused:
        KeyHolder(place, Held(second, status.st_dev, status.st_ino, ""), boot_time() + 60).serve()

    assert "already" in refused.value.why
    assert second == bytearray(32)
    assert held_key(place) is not None
    assert end(place) is True
    running.join()


@requirement("vault.unlock-for")
def test_a_holder_whose_socket_was_taken_away_forgets_the_key_and_takes_no_other(
    place: HolderPlace,
) -> None:
    running = Running(place)
    with asking(place, b""):
        place.socket.unlink()
        place.socket.write_bytes(b"of somebody else")
        running.at = 103.0
    running.join()

    assert running.key == bytearray(32)
    assert place.socket.read_bytes() == b"of somebody else"


@requirement("vault.unlock-for")
def test_a_holder_that_cannot_be_ended_is_told_from_none(place: HolderPlace) -> None:
    place.prepare()
    assert end(place) is False
    alive = holder_lock(place.lock, 0)
    with alive, pytest.raises(StillUnlockedError, match="NOT locked") as loud:
        end(place, 0.1)

    assert f"kill -9 {os.getpid()}" in loud.value.hint
    assert end(place) is False


@requirement("vault.unlock-for")
def test_a_holder_that_is_stopped_is_killed(place: HolderPlace) -> None:
    place.prepare()
    program = (
        "import socket, sys\n"
        "from pathlib import Path\n"
        "from mnemosyne.kit.vault.holder_lock import holder_lock\n"
        "listening = socket.socket(socket.AF_UNIX)\n"
        "with holder_lock(Path(sys.argv[1]), 0):\n"
        "    listening.bind(sys.argv[2])\n"
        "    listening.listen(4)\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(place.lock), str(place.socket)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as silent:
        assert silent.stdout is not None
        assert silent.stdout.readline() == b"ready\n"

        assert end(place, 0.2) is True

        assert silent.wait(60) == -signal.SIGKILL
    assert held_key(place) is None


@pytest.mark.parametrize("answer", [b"", b"nothing\n", b"[]\n", b"{}\n", b'{"key": "zz"}\n'])
def test_an_answer_of_another_form_is_no_key(place: HolderPlace, answer: bytes) -> None:
    place.prepare()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place.socket))
        listening.listen(4)
        listening.settimeout(60)

        def reply() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.makefile("rb").readline()
                connection.sendall(answer)

        thread = threading.Thread(target=reply, daemon=True)
        thread.start()
        assert unlocked(place) is None
        thread.join(60)


def test_a_held_key_gives_no_key_but_that_of_the_database(place: HolderPlace) -> None:
    running = Running(place)
    found = held_key(place)
    assert isinstance(found, RootKey)

    with pytest.raises(NeedsSecretError):
        found.derive("mnemosyne/backup/1")
    assert KEY.hex() not in repr(found)

    end(place)
    running.join()


def test_vaults_have_sockets_of_their_own_and_their_names_say_nothing(place: HolderPlace) -> None:
    other = HolderPlace(place.folder, place.home.with_name("other"))

    assert other.socket != place.socket
    assert "vault" not in place.socket.name


def test_the_kernel_says_who_is_at_the_other_end() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert peer_of(here) == os.geteuid()
        assert peer_process(here) == os.getpid()


def test_the_clock_of_the_deadline_goes_on() -> None:
    assert 0 < boot_time() <= boot_time()


@requirement("vault.unlock-for")
@pytest.mark.skipif(sys.platform != "linux", reason="prctl is of Linux")
def test_the_memory_of_the_process_is_closed_to_debuggers_and_dumps() -> None:
    program = (
        "import ctypes, resource\n"
        "from mnemosyne.kit.vault.key_holder import keep_memory_private\n"
        "keep_memory_private()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "0 (0, 0)\n"
