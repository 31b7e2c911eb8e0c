"""Serve a resolver on this machine: until it is told to stop, or for as long as it is needed."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp

from mnemosyne.api.identity.resolver import resolver_app
from mnemosyne.application import Application
from mnemosyne.cli.node import Served, ServedDids
from mnemosyne.entrypoints.connections import MOST, BoundedProtocol
from mnemosyne.entrypoints.listening import LOOPBACK, PortUnusableError, Server, listening, port_of
from mnemosyne.http.address import Loopback
from mnemosyne.http.guard import ANYBODY
from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal

if TYPE_CHECKING:
    from mnemosyne.api.identity.hosted import HostedLogs

__all__ = [
    "OriginUnusableError",
    "PortUnusableError",
    "require_origins",
    "resolver",
    "serving",
    "stopped",
]

# RFC 6454 §6.2, of web pages and of browser extensions.
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_PATIENCE: Final = 2  # seconds, for requests that run when it ends
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class OriginUnusableError(MnemosyneError):
    """What should be let in is no origin of web pages."""

    code = "origin-unusable"

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"“{origin[:80]}” is no origin",
            why="An origin is a scheme and a host, as a browser sends it, without a path.",
            hint="Write it as https://wallet.example or http://localhost:5173; * is every page.",
        )
        self.origin = origin


@asynccontextmanager
async def resolver(
    application: Application | None, clock: Clock, port: int, origins: Sequence[str]
) -> AsyncIterator[Served]:
    """Serve the DIDs of an open vault, or the examples where there is none.

    Raises:
        PortUnusableError: another program has the port.
        OriginUnusableError: one of ``origins`` is none.
        NoDidError: the person has none to be served.
    """
    require_origins(origins)
    hosted: HostedLogs
    if application is None:
        hosted = examples = Examples(clock)
        dids = ServedDids(examples.active, UNKNOWN, examples.deactivated)
    else:
        mine = await application.identities.mine(Principal.local(application.person.id))
        hosted, dids = application.hosting, ServedDids(mine.did, UNKNOWN)
    app = resolver_app(hosted, clock, Loopback(frozenset(origins)))
    async with serving(app, port) as url:
        yield Served(url, dids)


@asynccontextmanager
async def serving(
    app: ASGIApp, port: int, protocol: type[BoundedProtocol] = BoundedProtocol
) -> AsyncIterator[str]:
    """Serve ``app`` on the loopback address of this machine; yield its address.

    Raises:
        PortUnusableError: another program has the port, or it is not free to be taken.
    """
    with listening([LOOPBACK], port) as listeners:
        server = Server(app, protocol, most=MOST, patience=_PATIENCE)
        async with server.serving(listeners):
            yield f"http://{LOOPBACK}:{port_of(listeners[0])}"


def require_origins(origins: Sequence[str]) -> None:
    """Refuse what is no origin of web pages.

    Raises:
        OriginUnusableError: one of them is none.
    """
    for origin in origins:
        if origin != ANYBODY and not _ORIGIN.fullmatch(origin):
            raise OriginUnusableError(origin)


async def stopped() -> None:
    """Wait for Control-C or a SIGTERM."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
