"""A node that serves, in process: a real vault with two people, and clients that are let in.

A conftest imports the fixtures; ``serving`` alone gives a node to whoever wants another lifetime.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Generator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import Connection
from starlette.types import ASGIApp

from mnemosyne import bootstrap
from mnemosyne.accounts import sessions
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.credentials import CredentialKind, NewSession
from mnemosyne.accounts.model import Person
from mnemosyne.api.app import node_app
from mnemosyne.application import Application
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.http.address import Address
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.http.limits import Limits
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from mnemosyne.settings import Settings
from tests.clock import SetClock

SECRET: Final = KeyFile(bytes(range(32)))
FAST: Final = Argon2Parameters(memory_kib=64, passes=1, lanes=1)
ADDRESS: Final = Address.parse("http://mnemosyne.localhost:8760")
# Who stands behind a session that no passkey began.
NO_PASSKEY: Final = "0" * 32


class CookieKeeper(httpx.Auth):
    """Keeps Secure cookies of *.localhost without TLS, as browsers do and httpx does not."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send what was kept beside what the request itself names, and keep what is answered."""
        named = {
            name: one.value for name, one in SimpleCookie(request.headers.get("cookie", "")).items()
        }
        if sent := {**named, **self._kept}:
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in sent.items())
        response = yield request
        for line in response.headers.get_list("set-cookie"):
            for name, one in SimpleCookie(line).items():
                self._kept.pop(name, None)
                if one.value:
                    self._kept[name] = one.value


@dataclass
class Served:
    """A node that serves, its two people, and the clock that it goes by."""

    node: Application
    clock: SetClock
    ada: Person
    bob: Person
    app: ASGIApp
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client that is nobody in particular and comes from the node's own pages."""
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=True),
            base_url=ADDRESS.origin,
            headers={"Origin": ADDRESS.origin, **headers},
            auth=CookieKeeper(),
        )
        self.clients.append(made)
        return made

    async def session(
        self, who: Person, kind: CredentialKind = CredentialKind.SESSION
    ) -> NewSession:
        """Begin a session of ``who`` without the ceremony."""

        def begin(tx: Connection) -> NewSession:
            return sessions.begin(tx, who.id, NO_PASSKEY, self.clock(), kind=kind)

        return await self.node.database.write(begin)

    async def as_person(
        self, who: Person, kind: CredentialKind = CredentialKind.SESSION
    ) -> httpx.AsyncClient:
        """Return a client in which ``who`` is signed in."""
        return self.client(Cookie=f"{SESSION_COOKIE}={(await self.session(who, kind)).secret}")

    async def with_token(self, who: Person, scopes: Iterable[Scope]) -> httpx.AsyncClient:
        """Return a script of ``who`` whose token carries ``scopes``."""
        _, secret = await self.node.tokens.create(
            self.principal(who), "test", frozenset(scopes), timedelta(days=1)
        )
        return self.client(Authorization=f"Bearer {secret}")

    def principal(self, who: Person) -> Principal:
        """Return ``who`` as somebody at the machine."""
        return Principal.local(who.id)

    async def close(self) -> None:
        """Close every client."""
        for each in self.clients:
            await each.aclose()


@asynccontextmanager
async def serving(template: Path, folder: Path) -> AsyncIterator[Served]:
    """Open a copy of the vault at ``template`` in ``folder`` and serve it, in process."""
    shutil.copytree(template, folder / "home")
    settings = Settings(
        home=folder / "home", cache=folder / "cache", weights=folder / "none", timezone="UTC"
    )
    clock = SetClock()
    async with bootstrap.opened(settings, SECRET, "mnemosyne serve", clock, FAST) as node:
        bob = await node.database.write(lambda tx: _second(tx, clock))
        app = node_app(node, ADDRESS, Limits(clock))
        served = Served(node, clock, node.person, bob, app)
        try:
            yield served
        finally:
            await served.close()


def _second(tx: Connection, clock: SetClock) -> Person:
    """Add a person who came later than the first."""
    at = clock() + timedelta(milliseconds=1)
    identifier: Identifier = new_id(at)
    bob = Person(identifier, "Bob", at, "")
    accounts.add(tx, bob, bytes(range(1, 33)))
    audit.append(tx, Act(bob.id, "joined", "local", "shell"), at)
    return bob


@pytest.fixture(scope="session")
def node_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a vault; copy it, never open it."""
    made = Settings(home=tmp_path_factory.mktemp("nodes") / "home")
    asyncio.run(bootstrap.create(made, "Ada", [SECRET], "0" * 64, clock=SetClock()))
    return made.home


@pytest.fixture
async def served(node_template: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """Give a node of the test's own that serves."""
    async with serving(node_template, tmp_path) as made:
        yield made
