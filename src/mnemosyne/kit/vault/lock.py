"""Who uses a vault: many processes at once, or one alone for maintenance, each known by name.

The kernel drops the locks of a process that dies, whatever killed it. So a registration whose lock
is free belongs to nobody, even if its process number has been given to another process since.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from mnemosyne.kit.clock import Clock
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.durable_file import PRIVATE_FILE
from mnemosyne.kit.vault.home import PRIVATE_FOLDER, VaultHome

WAIT_SECONDS: Final = 5.0
_BETWEEN_TRIES_SECONDS: Final = 0.05


class VaultUser(BaseModel):
    """A process that uses the vault: its number, its command, since when, and whether alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    command: str
    since: AwareDatetime
    alone: bool
    origin: str = ""
    """Where it answers over HTTP, if it does."""

    def __str__(self) -> str:
        return f"`{self.command}` (process {self.pid})"


class VaultBusyError(MnemosyneError):
    """The vault is used in a way that leaves no room for what was asked."""

    code = "vault-busy"

    def __init__(self, users: tuple[VaultUser, ...], *, wanted_alone: bool) -> None:
        names = ", ".join(map(str, users)) or "another process"
        super().__init__(
            f"the vault is in use by {names}",
            why="This needs the vault alone."
            if wanted_alone
            else "The vault is being maintained and lets nobody else in.",
            hint="End what uses it, then repeat the command."
            if wanted_alone
            else "Try again when that is done.",
        )
        self.users = users


class VaultLockError(MnemosyneError):
    """The system did not let this process take part in the lock."""

    code = "vault-lock"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            f"the vault in {path} cannot be locked",
            why=f"The system says: {detail}.",
            hint="The folder must belong to you and be writable, and the disk needs some room.",
        )
        self.path = path
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Hold:
    """Two locked descriptors, and the file of the second: the vault's lock and who holds it."""

    lock: int
    registration: int
    file: Path


class VaultLock:
    """The lock of one vault, as seen by one process that goes by the name ``command``."""

    def __init__(self, home: VaultHome, command: str, clock: Clock) -> None:
        self.home = home
        self.command = command
        self.clock = clock
        self._hold: _Hold | None = None

    @contextmanager
    def shared(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Use the vault beside others; wait for maintenance to end, though not long.

        Raises:
            VaultBusyError: who still maintains it.
            VaultLockError: the system refused.
        """
        with self._held(alone=False, wait_seconds=wait_seconds):
            yield

    @contextmanager
    def exclusive(self, wait_seconds: float = 0.0) -> Iterator[None]:
        """Have the vault alone.

        Raises:
            VaultBusyError: who else uses it.
            VaultLockError: the system refused.
        """
        with self._held(alone=True, wait_seconds=wait_seconds):
            yield

    def users(self) -> tuple[VaultUser, ...]:
        """Return every process that uses the vault, the oldest first; forget those that died.

        Raises:
            VaultLockError: the system refused to look.
        """
        with self._registry():
            return self._registered()

    def answers_at(self, origin: str) -> None:
        """Let other processes know under which origin this one, which holds the lock, answers.

        Raises:
            VaultLockError: the system refused to write it down.
        """
        with self._registry():
            if self._hold is not None:
                user = VaultUser.model_validate_json(self._hold.file.read_bytes())
                told = user.model_copy(update={"origin": origin})
                _write(self._hold.registration, told)

    @contextmanager
    def _held(self, *, alone: bool, wait_seconds: float) -> Iterator[None]:
        hold = self._acquire(alone=alone, deadline=time.monotonic() + wait_seconds)
        self._hold = hold
        try:
            yield
        finally:
            self._hold = None
            with self._registry():
                hold.file.unlink(missing_ok=True)
                os.close(hold.registration)
                os.close(hold.lock)

    def _acquire(self, *, alone: bool, deadline: float) -> _Hold:
        while True:
            # Lock and registration change together under the lock of the folder: whoever is
            # refused finds the name of the one that holds it.
            with self._registry():
                if hold := self._try(alone=alone):
                    return hold
                users = self._registered()
            if time.monotonic() >= deadline:
                raise VaultBusyError(users, wanted_alone=alone)
            time.sleep(_BETWEEN_TRIES_SECONDS)

    def _try(self, *, alone: bool) -> _Hold | None:
        lock = os.open(self.home.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
        try:
            if _try_lock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
                registration, file = self._register(alone=alone)
                return _Hold(lock, registration, file)
        except OSError:
            os.close(lock)
            raise
        os.close(lock)
        return None

    def _register(self, *, alone: bool) -> tuple[int, Path]:
        user = VaultUser(pid=os.getpid(), command=self.command, since=self.clock(), alone=alone)
        path = self.home.processes / f"{user.pid}-{secrets.token_hex(4)}.json"
        registration = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            fcntl.flock(registration, fcntl.LOCK_EX)
            _write(registration, user)
        except OSError:
            path.unlink()
            os.close(registration)
            raise
        return registration, path

    def _registered(self) -> tuple[VaultUser, ...]:
        found = [user for path in self.home.processes.glob("*.json") if (user := _living(path))]
        return tuple(sorted(found, key=lambda user: (user.since, user.pid)))

    @contextmanager
    def _registry(self) -> Iterator[None]:
        """Hold the lock of the folder, which is never held for longer than a few calls."""
        try:
            # A vault that was copied may lack the folder.
            self.home.processes.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            folder = os.open(self.home.processes, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)
        except OSError as error:
            raise VaultLockError(self.home.path, error.strerror or str(error)) from error


def _living(path: Path) -> VaultUser | None:
    """Return the process registered at ``path``; remove the file where it has died."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if _try_lock(descriptor, fcntl.LOCK_SH):
            path.unlink()
            return None
        return VaultUser.model_validate_json(path.read_bytes())
    except ValidationError:
        return None  # held by a version that writes something else: it counts, without a name
    finally:
        os.close(descriptor)


def _write(registration: int, user: VaultUser) -> None:
    """Put who uses the vault into its file; whoever reads it has the lock of the folder."""
    os.ftruncate(registration, 0)
    os.pwrite(registration, user.model_dump_json().encode("utf-8"), 0)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
