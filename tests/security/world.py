"""A node with people on it, in process: what the tests of its security attack.

Ada's rows are what nobody else may reach; Bob is signed in as somebody else of the same node. No
limit of requests stands in the way of a test that makes thousands.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

from sqlalchemy import Connection, select
from starlette.types import ASGIApp

from mnemosyne.accounts import access_tokens
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.access_tokens import Token
from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.tokens import GRANTABLE, PREFIX
from mnemosyne.api.app import node_app
from mnemosyne.application import Application
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Scope
from mnemosyne.safekeeping.person_removal import remove
from mnemosyne.web.routes import Pages
from tests.api.asgi import Answer, ask
from tests.clock import SetClock
from tests.serving import ADDRESS, Served, serving

CANARY: Final = "zugvogel"
"""A word that stands in whatever Ada wrote: nobody else may ever read it."""
_NO_LIMIT: Final = 10**9
# What the use of a credential changes in its own row; it says nothing of anybody's data.
_USES: Final = frozenset({"last_seen_at", "last_used_at"})

_DOCUMENT: Final[dict[str, Any]] = {}

Headers = dict[str, str]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class World:
    """An open node with its people, and everything that a test asks of it."""

    served: Served
    folder: Path
    app: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        limits, pages = Limits(self.clock, Rates.of(_NO_LIMIT)), Pages()
        app = node_app(self.node, ADDRESS, limits, pages=pages.routes)
        self.app = pages.readable(app)

    @property
    def node(self) -> Application:
        """Return the services behind the application."""
        return self.served.node

    @property
    def clock(self) -> SetClock:
        """Return the clock that everybody goes by."""
        return self.served.clock

    @property
    def ada(self) -> Person:
        """Return whose rows are attacked."""
        return self.served.ada

    @property
    def bob(self) -> Person:
        """Return somebody else of the same node."""
        return self.served.bob

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        app: ASGIApp | None = None,
        client: str = "127.0.0.1",
    ) -> Answer:
        """Send one request as a page of the node does; a header without a value is left out."""
        stated = {"Host": ADDRESS.authority, "Origin": ADDRESS.origin, **(headers or {})}
        sent = {name: value for name, value in stated.items() if value}
        if body:
            if "Content-Type" not in stated:
                sent["Content-Type"] = "application/json"
            sent["Content-Length"] = str(len(body))
        return await ask(app or self.app, target, method, sent, [body] if body else [], client)

    async def document(self) -> Mapping[str, Any]:
        """Return the OpenAPI document, which is the same for every node and takes long to make."""
        if not _DOCUMENT:
            _DOCUMENT.update((await self.ask("GET", "/openapi.json")).json)
        return _DOCUMENT

    async def person(self, name: str) -> Person:
        """Add a person to the node."""
        self.clock.advance(timedelta(seconds=1))
        made = Person(new_id(self.clock()), name, self.clock(), "")

        def join(tx: Connection) -> None:
            accounts.add(tx, made, token_bytes(32))
            audit.append(tx, Act(made.id, "joined", "local", "shell"), made.created_at)

        await self.node.database.write(join)
        return made

    async def session(
        self, who: Person, kind: CredentialKind = CredentialKind.SESSION
    ) -> tuple[Headers, Identifier]:
        """Sign somebody in without the ceremony; return the cookie and the session."""
        begun = await self.served.session(who, kind)
        return {"Cookie": f"{SESSION_COOKIE}={begun.secret}"}, begun.admitted.id

    async def token(
        self,
        who: Person,
        scopes: frozenset[Scope] = GRANTABLE,
        lasting: timedelta = timedelta(days=30),
    ) -> tuple[Headers, Identifier]:
        """Give out a token; return its header and its identifier."""
        at, secret = self.clock(), new_secret(PREFIX)
        made = Token(new_id(at), who.id, f"{CANARY} of {who.name}", scopes, at, at + lasting, None)
        digest = digest_of(secret, PREFIX)
        assert digest is not None
        await self.node.database.write(lambda tx: access_tokens.add(tx, made, digest))
        return {"Authorization": f"Bearer {secret}"}, made.id

    async def rest(self) -> None:
        """Wait until every job has ended."""
        while running := [held.task for held in self.node.jobs._held.values() if held.task]:
            await asyncio.wait(running)

    async def erase(self, who: Person) -> None:
        """Erase a person, with everything of theirs."""
        at = self.clock()
        await self.node.database.write(lambda tx: remove(tx, PROVIDERS, who.id, at))

    async def everything_of(self, who: Person) -> Rows:
        """Return every row of a person, by table, whatever feature it belongs to."""
        return await self.node.database.read(lambda tx: _rows_of(tx, who.id))


@asynccontextmanager
async def inhabited(template: Path, folder: Path) -> AsyncIterator[World]:
    """Open a copy of the vault at ``template``, with Ada and Bob on it."""
    async with serving(template, folder) as served:
        joined = Act(served.bob.id, "joined", "local", "shell")
        await served.node.database.write(lambda tx: audit.append(tx, joined, served.clock()))
        yield World(served, folder)


def _rows_of(tx: Connection, who: Identifier) -> Rows:
    found = {}
    for provider in PROVIDERS:
        for owned in provider.tables:
            columns = [column for column in owned.table.c if column.name not in _USES]
            query = select(*columns).where(owned.table.c[owned.owner_column] == who)
            rows = [tuple(_plain(value) for value in row) for row in tx.execute(query)]
            found[owned.table.name] = sorted(rows)
    return found


def _plain(value: object) -> str:
    return sha256(value).hexdigest() if isinstance(value, bytes) else repr(value)
