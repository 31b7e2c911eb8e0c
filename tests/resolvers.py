"""A resolver alone, and the same as a part of the node: what tests of both are given.

A conftest imports the fixtures, beside ``node_template`` of ``tests.serving``.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemosyne import bootstrap
from mnemosyne.api.app import node_app
from mnemosyne.api.identity.hosted import HostedLogs
from mnemosyne.api.identity.resolver import resolver_app
from mnemosyne.application import Application
from mnemosyne.http.limits import Limits
from mnemosyne.settings import Settings
from tests.clock import SetClock
from tests.serving import ADDRESS, SECRET

Resolvers = Callable[[HostedLogs, SetClock], ASGIApp]


@pytest.fixture(scope="session")
def closed_node(node_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Application:
    """Give the services of a vault that is closed again: a resolver of examples asks none."""
    caches = tmp_path_factory.mktemp("caches")
    settings = Settings(home=node_template, cache=caches, weights=caches, timezone="UTC")

    async def opened() -> Application:
        async with bootstrap.opened(settings, SECRET, "mnemosyne serve", SetClock()) as node:
            return node

    return asyncio.run(opened())


@pytest.fixture(scope="session", params=["alone", "in the node"])
def resolvers(request: pytest.FixtureRequest, closed_node: Application) -> Resolvers:
    """Return what makes a resolver: as it is alone, and as a part of the node."""
    if request.param == "alone":
        return resolver_app

    def of_the_node(hosted: HostedLogs, clock: SetClock) -> ASGIApp:
        node = replace(closed_node, hosting=hosted, clock=clock)  # type: ignore[arg-type] # examples
        return _at_home(node_app(node, ADDRESS, Limits(clock)))

    return of_the_node


def _at_home(app: ASGIApp) -> ASGIApp:
    """Return ``app`` as whoever names its host meets it; the tests name that of the other one."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        others = [pair for pair in scope["headers"] if pair[0] != b"host"]
        host = (b"host", ADDRESS.authority.encode())
        await app({**scope, "headers": [*others, host]}, receive, send)

    return named
