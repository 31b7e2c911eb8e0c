"""Many processes use a vault at once; maintenance is alone; everybody is known by name."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultBusyError, VaultLock, VaultLockError, VaultUser
from tests.clock import START, SetClock
from tests.requirements import requirement

HOLDER = """
import sys
from pathlib import Path
from mnemosyne.kit.clock import system_clock
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.lock import VaultLock
home, command, how = sys.argv[1:]
with getattr(VaultLock(VaultHome(Path(home)), command, system_clock), how)():
    print("held", flush=True)
    sys.stdin.readline()
"""

Hold = Callable[[str, str], AbstractContextManager[subprocess.Popen[str]]]


@pytest.fixture
def lock(home: VaultHome) -> VaultLock:
    return VaultLock(home, "mnemosyne list", SetClock())


@pytest.fixture
def other(home: VaultHome) -> Hold:
    """Return a way to hold the vault in another process, which ends with the block."""

    @contextmanager
    def hold(command: str, how: str) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home.path), command, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process

    return hold


def test_several_processes_use_a_vault_at_once(lock: VaultLock, other: Hold) -> None:
    with other("mnemosyne serve", "shared") as serving, lock.shared(0):
        users = {(user.pid, user.command, user.alone) for user in lock.users()}

    assert users == {
        (serving.pid, "mnemosyne serve", False),
        (os.getpid(), "mnemosyne list", False),
    }


@requirement("processes.exclusive")
def test_maintenance_is_refused_and_told_who_uses_the_vault(lock: VaultLock, other: Hold) -> None:
    with (
        other("mnemosyne serve", "shared") as serving,
        other("mnemosyne import", "shared") as importing,
        pytest.raises(VaultBusyError) as refused,
        lock.exclusive(),
    ):
        raise AssertionError

    assert refused.value.code == "vault-busy"
    assert f"`mnemosyne serve` (process {serving.pid})" in str(refused.value)
    assert f"`mnemosyne import` (process {importing.pid})" in str(refused.value)
    assert {user.pid for user in refused.value.users} == {serving.pid, importing.pid}
    assert "alone" in refused.value.why


@requirement("processes.exclusive")
@pytest.mark.parametrize("how", ["shared", "exclusive"])
def test_nobody_gets_in_during_maintenance(lock: VaultLock, other: Hold, how: str) -> None:
    with (
        other("mnemosyne restore", "exclusive") as restoring,
        pytest.raises(VaultBusyError) as refused,
        getattr(lock, how)(0),
    ):
        raise AssertionError

    assert [(user.pid, user.alone) for user in refused.value.users] == [(restoring.pid, True)]
    assert "mnemosyne restore" in str(refused.value)


@requirement("processes.exclusive")
def test_whoever_comes_during_maintenance_waits_for_its_end(lock: VaultLock, other: Hold) -> None:
    inside = threading.Event()

    def come() -> None:
        with lock.shared(600):
            inside.set()

    with other("mnemosyne restore", "exclusive") as restoring:
        waiting = threading.Thread(target=come)
        waiting.start()
        assert not inside.is_set()
        assert restoring.stdin is not None
        restoring.stdin.write("\n")
        restoring.stdin.flush()
        waiting.join()

    assert inside.is_set()


def test_after_maintenance_the_vault_is_free(lock: VaultLock) -> None:
    with lock.exclusive():
        assert [user.alone for user in lock.users()] == [True]

    with lock.shared(0), lock.shared(0):
        assert [user.alone for user in lock.users()] == [False, False]

    assert lock.users() == ()


def test_a_failure_inside_frees_the_vault(lock: VaultLock) -> None:
    with pytest.raises(ZeroDivisionError), lock.exclusive():
        raise ZeroDivisionError

    assert lock.users() == ()


@pytest.mark.parametrize("how", ["shared", "exclusive"])
def test_a_killed_process_holds_nothing_and_is_forgotten(
    home: VaultHome, lock: VaultLock, other: Hold, how: str
) -> None:
    with other("mnemosyne serve", how) as process:
        process.kill()
        process.wait()
        assert len(list(home.processes.iterdir())) == 1

        assert lock.users() == ()
        with lock.exclusive():
            assert [user.pid for user in lock.users()] == [os.getpid()]

    assert list(home.processes.iterdir()) == []


def test_a_process_number_that_was_given_away_again_names_nobody(
    home: VaultHome, lock: VaultLock
) -> None:
    # This process is alive; the registration is of one that had its number before.
    stale = VaultUser(pid=os.getpid(), command="mnemosyne serve", since=START, alone=False)
    (home.processes / f"{os.getpid()}-00000000.json").write_text(stale.model_dump_json())

    assert lock.users() == ()


def test_users_are_listed_by_the_time_they_came(home: VaultHome) -> None:
    clock = SetClock()
    with ExitStack() as stack:
        for command in ("first", "second", "third"):
            stack.enter_context(VaultLock(home, command, clock).shared(0))
            clock.advance(timedelta(minutes=1))
        users = VaultLock(home, "", clock).users()

    assert [user.command for user in users] == ["first", "second", "third"]
    assert users[0].since == START


def test_others_learn_where_a_process_answers_until_it_ends(
    home: VaultHome, lock: VaultLock
) -> None:
    looks = VaultLock(home, "", SetClock())
    lock.answers_at("http://nobody.example")  # holds nothing, so there is nobody to tell of
    with lock.shared(0):
        before = [user.origin for user in looks.users()]
        lock.answers_at("http://mnemosyne.localhost:9000")
        (user,) = looks.users()

    assert (before, user.origin) == ([""], "http://mnemosyne.localhost:9000")
    assert (user.command, looks.users()) == (lock.command, ())


def test_lock_and_registration_are_private(home: VaultHome, lock: VaultLock) -> None:
    before = os.umask(0)
    try:
        with lock.shared(0):
            files = [home.lock, *home.processes.iterdir()]
            modes = [stat.S_IMODE(file.stat().st_mode) for file in files]
    finally:
        os.umask(before)

    assert modes == [0o600, 0o600]


def test_a_vault_that_was_copied_without_the_folder_can_be_used(
    home: VaultHome, lock: VaultLock
) -> None:
    home.processes.rmdir()

    with lock.shared(0):
        assert len(lock.users()) == 1


def test_a_registration_of_an_unknown_form_does_not_stop_anybody(
    home: VaultHome, lock: VaultLock
) -> None:
    with lock.shared(0):
        (registration,) = home.processes.iterdir()
        registration.write_text('{"form": "of another version"}')

        with pytest.raises(VaultBusyError) as refused, lock.exclusive():
            raise AssertionError

    assert "another process" in str(refused.value)


def test_a_home_that_is_not_there_is_reported(tmp_path: Path) -> None:
    lock = VaultLock(VaultHome(tmp_path / "nowhere"), "mnemosyne list", SetClock())

    with pytest.raises(VaultLockError) as refused, lock.shared(0):
        raise AssertionError

    assert refused.value.code == "vault-lock"
    assert "No such file" in refused.value.why
