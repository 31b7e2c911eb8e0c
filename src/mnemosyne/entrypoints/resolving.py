"""Serve a resolver on this machine: until it is told to stop, or for as long as it is needed."""

import asyncio
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.types import ASGIApp

from mnemosyne.api.guard import ANYBODY, Face
from mnemosyne.api.resolver import resolver_app
from mnemosyne.application import Application
from mnemosyne.cli.node import Served, ServedDids
from mnemosyne.entrypoints.connections import MOST, BoundedProtocol
from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal

if TYPE_CHECKING:
    from mnemosyne.api.hosted import HostedLogs

_LOOPBACK: Final = "127.0.0.1"
# RFC 6454 §6.2, of web pages and of browser extensions.
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_LARGEST_HEADERS: Final = 32 * 1024
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class PortUnusableError(MnemosyneError):
    """The resolver cannot listen where it was told to."""

    code = "port-unusable"

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"the resolver cannot listen on port {port}",
            why=f"{reason}.",
            hint="Name another with --port, or --port 0 for any that is free.",
        )
        self.port = port


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


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


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
    for origin in origins:
        if origin != ANYBODY and not _ORIGIN.fullmatch(origin):
            raise OriginUnusableError(origin)
    hosted: HostedLogs
    if application is None:
        hosted = examples = Examples(clock)
        dids = ServedDids(examples.active, UNKNOWN, examples.deactivated)
    else:
        mine = await application.identities.mine(Principal.local(application.person.id))
        hosted, dids = application.hosting, ServedDids(mine.did, UNKNOWN)
    async with serving(resolver_app(hosted, clock, Face.of(origins)), port) as url:
        yield Served(url, dids)


@asynccontextmanager
async def serving(
    app: ASGIApp, port: int, protocol: type[BoundedProtocol] = BoundedProtocol
) -> AsyncIterator[str]:
    """Serve ``app`` on the loopback address of this machine; yield its address.

    Raises:
        PortUnusableError: another program has the port, or it is not free to be taken.
    """
    with _listening(port) as listener:
        server = _Server(_configuration(app, protocol))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


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


def _configuration(app: ASGIApp, protocol: type[BoundedProtocol]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # failures of ours, and not what others send wrongly
        access_log=False,  # who asks for whom is nobody's business, the log's neither
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST,
        h11_max_incomplete_event_size=_LARGEST_HEADERS,
        timeout_graceful_shutdown=2,
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # With the protocol named, asyncio sends answers at once instead of waiting for the client's
    # acknowledgement of their first half (TCP_NODELAY).
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_LOOPBACK, port))
            listener.listen(MOST)  # whoever comes early waits in the system's queue
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "There is no such port"
            raise PortUnusableError(port, reason or str(error)) from error
        yield listener
