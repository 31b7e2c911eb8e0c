"""Policy for every test: nothing leaves this machine.

pytest-socket (see pyproject.toml) refuses connections that are neither loopback nor AF_UNIX while
a test runs. The audit hook here also sees what no patched ``socket`` module would: name look-ups,
datagrams, connections made while tests are collected or from compiled code.
"""

import gc
import ipaddress
import signal
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import open_engine
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal
from tests.clock import SetClock
from tests.owner_guard import guarded_statements
from tests.vaults import KEY, copy_file, make_file

# A busy machine is no failing test; how long something takes is for the benchmarks to say.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A shell that starts the tests in the background has them ignore these, and so would every process
# that a test starts and ends with them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

_LOOK_UPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class NetworkRefusedError(RuntimeError):
    """A test tried to reach beyond this machine."""


def _stays_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in _LOOK_UPS:
        target = arguments[0]
    elif event in _SENDS:
        target = arguments[1]  # the first is the socket
    else:
        return
    # A path or None is AF_UNIX, or a datagram to a peer whose connect was seen before.
    host = target[0] if isinstance(target, tuple) else target if event in _LOOK_UPS else None
    if not _stays_here(host):
        message = f"a test tried to reach {host!r} ({event})"
        raise NetworkRefusedError(message)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the thousands of tests, which stay, be no rubbish to look for among."""
    del session
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_configure(config: pytest.Config) -> None:
    """Install the hook once a process, workers included."""
    del config
    sys.addaudithook(_refuse_network)


@pytest.fixture(autouse=True)
def _owner_guard() -> Iterator[None]:
    """Let no statement of the package touch a person's table without naming the owner."""
    with guarded_statements():
        yield


@pytest.fixture
def clock() -> SetClock:
    """Give a clock that a test sets and advances."""
    return SetClock()


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a closed, empty database file with every table; copy it, never open it."""
    return make_file(tmp_path_factory.mktemp("template") / "vault.db")


@pytest.fixture
def database_path(database_template: Path, tmp_path: Path) -> Path:
    """Make a database file of the test's own, under the key ``tests.vaults.KEY``."""
    return copy_file(database_template, tmp_path / "vault.db")


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    """Open the test's database."""
    opened = Database(database_path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def tx(database_path: Path, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """Open a write transaction on the test's file, committed at the end: for stores alone."""
    for people in {"person", "somebody_else"}.intersection(request.fixturenames):
        request.getfixturevalue(people)  # they are written before this transaction holds the lock
    engine = open_engine(database_path, KEY, read_only=False)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def add_person(path: Path, name: str, at: datetime, key: bytes | None = KEY) -> Person:
    """Add a person to the database file at ``path``."""
    who = Person(new_id(at), name, at, recovery_key_hash="")
    engine = open_engine(path, key, read_only=False)
    with engine.begin() as connection:
        accounts.add(connection, who, salt=bytes(32))
    engine.dispose()
    return who


@pytest.fixture
def person(database_path: Path, clock: SetClock) -> Person:
    """Add the person whose vault it is."""
    return add_person(database_path, "Ada", clock())


@pytest.fixture
def somebody_else(person: Person, database_path: Path) -> Person:
    """Add a second person on the same node, whose rows must stay out of everything."""
    return add_person(database_path, "Grace", person.created_at + timedelta(seconds=1))


@pytest.fixture
def principal(person: Person) -> Principal:
    """Be the person at this machine, with every scope."""
    return Principal.local(person.id)
