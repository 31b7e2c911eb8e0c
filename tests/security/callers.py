"""Everybody who calls an operation and may not: by name, with the headers they come with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mnemosyne.accounts import sessions as session_secrets
from mnemosyne.accounts.bearer_secrets import new_secret
from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.tokens import GRANTABLE, PREFIX
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from tests.security.world import Headers, World

NOT_SIGNED_IN: Final = (
    "anonymous",
    "garbage token",
    "garbage cookie",
    "expired token",
    "expired session",
    "revoked token",
    "revoked session",
    "token of an erased person",
    "session of an erased person",
)
"""Who all get one and the same answer, from every operation."""
ALIKE: Final = (
    "unknown token",
    "unknown cookie",
    "other scheme",
    "empty bearer",
    "token as cookie",
    "session as token",
    "idle session",
)
"""Who get it as well; one operation is asked, since all let in by the same door."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser in which somebody is signed in."""

    headers: Headers
    session: Identifier


@dataclass(frozen=True, slots=True)
class Callers:
    """The headers of everybody, by name; Ada's tokens by the scope that they lack."""

    nobody: Mapping[str, Headers]
    alike: Mapping[str, Headers]
    lacking: Mapping[Scope, Headers]
    recovering: Headers
    bob: Browser
    ada: Browser

    def without(self, scope: Scope | None) -> Headers:
        """Return a token of Ada's with everything that can be granted but ``scope``."""
        return self.lacking[scope if scope in GRANTABLE else Scope.ADMIN]


async def signed_in(world: World) -> Callers:
    """Let Ada and Bob sign in, and nobody else."""
    bob, ada = [Browser(*await world.session(who)) for who in (world.bob, world.ada)]
    return Callers({}, {}, {}, {}, bob, ada)


async def everybody(world: World) -> Callers:
    """Let everybody come, and those go who are no longer there."""
    nobody = {**_strangers(), **await _former(world)}
    lacking = {
        scope: (await world.token(world.ada, GRANTABLE - {scope}))[0]
        for scope in (*GRANTABLE, Scope.ADMIN)
    }
    recovering, _ = await world.session(world.ada, CredentialKind.RECOVERY)
    bob = Browser(*await world.session(world.bob))
    ada = Browser(*await world.session(world.ada))
    of = {group: {name: nobody[name] for name in group} for group in (NOT_SIGNED_IN, ALIKE)}
    return Callers(of[NOT_SIGNED_IN], of[ALIKE], lacking, recovering, bob, ada)


def _strangers() -> dict[str, Headers]:
    token, session = new_secret(PREFIX), new_secret(session_secrets.PREFIX)
    return {
        "anonymous": {},
        "garbage token": _bearer("mnem_garbage"),
        "unknown token": _bearer(token),
        "empty bearer": {"Authorization": "Bearer "},
        "other scheme": {"Authorization": "Basic YWRhOmFkYQ=="},
        "garbage cookie": _cookie("garbage"),
        "unknown cookie": _cookie(session),
        "token as cookie": _cookie(token),
        "session as token": _bearer(session),
    }


async def _former(world: World) -> dict[str, Headers]:
    """Return credentials that were good once."""
    emmy = await world.person("Emmy")
    found = {
        "expired token": (await world.token(world.ada, lasting=timedelta(days=1)))[0],
        "expired session": (await world.session(world.ada))[0],
    }
    world.clock.advance(timedelta(days=25))
    found["idle session"], _ = await world.session(world.ada)
    world.clock.advance(timedelta(days=8))
    found["revoked token"], token = await world.token(world.ada)
    found["revoked session"], session = await world.session(world.ada)
    found["token of an erased person"], _ = await world.token(emmy)
    found["session of an erased person"], _ = await world.session(emmy)
    ada = Principal.local(world.ada.id)
    await world.node.tokens.revoke(ada, token)
    await world.node.sessions.revoke(ada, session)
    await world.erase(emmy)
    return found


async def cookie_of(world: World, who: Person) -> Headers:
    """Sign somebody in; return the header of their browser."""
    return (await world.session(who))[0]


def _bearer(secret: str) -> Headers:
    return {"Authorization": f"Bearer {secret}"}


def _cookie(secret: str) -> Headers:
    return {"Cookie": f"{SESSION_COOKIE}={secret}"}
