"""Sockets that listen, and the server behind them: what the resolver and the node share."""

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from mnemosyne.http.problems import problem, respond
from mnemosyne.kit.errors import MnemosyneError

LOOPBACK: Final = "127.0.0.1"
LOOPBACK_6: Final = "::1"
_LARGEST_HEADERS: Final = 32 * 1024
_FOR_HANDSHAKE: Final = 10.0
_FOR_GOODBYE: Final = 5.0
_TRIES: Final = 16
_QUEUE: Final = 1024
"""Connections that wait in the system's queue until they are accepted."""
_AT_ONCE: Final = 2
"""Connections accepted in one turn of the loop: in a flood whoever is there already goes on."""
_NO_SUCH_FAMILY: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class PortUnusableError(MnemosyneError):
    """The server cannot listen where it was told to."""

    code = "port-unusable"

    def __init__(self, port: int, reason: str, *, taken: bool = False) -> None:
        hint = "Name another with --port, or --port 0 for any that is free."
        if taken:
            hint = f"If it is a Mnemosyne of yours, use that one, or end it. {hint}"
        super().__init__(f"the server cannot listen on port {port}", why=f"{reason}.", hint=hint)
        self.port = port


class Server(uvicorn.Server):
    """A server that leaves signals to whoever started it, and gives a handshake little time."""

    def __init__(
        self, app: ASGIApp, protocol: type[H11Protocol], *, most: int, patience: int
    ) -> None:
        """``most`` connections at a time; ``patience`` in seconds is for requests at the end."""
        super().__init__(_configuration(_Bounded(app, self, most), protocol, patience))
        self._tls: ssl.SSLContext | None = None
        self.servers: list[asyncio.base_events.Server] = []

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on ``sockets``; a client that does not shake hands in time is closed."""
        config, loop = self.config, asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                lambda: config.http_protocol_class(  # type: ignore[call-arg]
                    config=config, server_state=self.server_state, app_state={}
                ),
                sock=each,
                backlog=_AT_ONCE,
                ssl=self._tls,
                ssl_handshake_timeout=None if self._tls is None else _FOR_HANDSHAKE,
                ssl_shutdown_timeout=None if self._tls is None else _FOR_GOODBYE,
            )
            for each in sockets or ()
        ]
        for each in sockets or ():
            each.listen(_QUEUE)  # the loop takes the number for both
        self.started = True

    def stop_accepting(self) -> None:
        """Take no more connections; those that are there go on."""
        for each in self.servers:
            each.close()

    @asynccontextmanager
    async def serving(
        self, listeners: Sequence[socket.socket], tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[asyncio.Task[None]]:
        """Serve on ``listeners`` while the context lasts, then let running requests end."""
        self._tls = tls
        task = asyncio.create_task(self.serve(sockets=list(listeners)))
        try:
            yield task
        finally:
            self.should_exit = True
            await task


class _Bounded:
    """Answer 503 while more connections are held than may be."""

    def __init__(self, app: ASGIApp, server: Server, most: int) -> None:
        self._app = app
        self._server = server
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(self._server.server_state.connections) >= self._most:
            crowded = problem(503, "busy-now", "More connections are open than the node holds.")
            headers = {"Retry-After": "1", "Connection": "close"}
            await respond(crowded, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)


@contextmanager
def listening(hosts: Sequence[str], port: int) -> Iterator[Sequence[socket.socket]]:
    """Listen on every address of ``hosts``, at one and the same port; 0 is any that is free.

    Raises:
        PortUnusableError: another program has it, or it is none that could be had.
    """
    for tried in range(_TRIES):
        with ExitStack() as opened:
            try:
                found = _opened(opened, hosts, port)
            except OverflowError as error:
                raise PortUnusableError(port, "There is no such port") from error
            except OSError as error:
                # A port that is free on one address can be taken on the other.
                if port == 0 and tried < _TRIES - 1 and error.errno == errno.EADDRINUSE:
                    continue
                taken = error.errno == errno.EADDRINUSE
                raise PortUnusableError(port, error.strerror or str(error), taken=taken) from error
            yield found
            return


def port_of(listener: socket.socket) -> int:
    """Return the port on which it listens."""
    return int(listener.getsockname()[1])


def _opened(opened: ExitStack, hosts: Sequence[str], port: int) -> Sequence[socket.socket]:
    found: list[socket.socket] = []
    for host in hosts:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET  # noqa: PLR2004
        try:
            listener = opened.enter_context(_socket(family))
            listener.bind((host, port_of(found[0]) if found else port))
        except OSError as error:
            if found and error.errno in _NO_SUCH_FAMILY:
                continue  # the machine has no IPv6, so nobody else listens there either
            raise
        listener.listen(_QUEUE)
        found.append(listener)
    return found


def _socket(family: socket.AddressFamily) -> socket.socket:
    # With the protocol named, asyncio sends answers at once instead of waiting for the client's
    # acknowledgement of their first half (TCP_NODELAY).
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def _configuration(app: ASGIApp, protocol: type[H11Protocol], patience: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # failures of ours, and not what others send wrongly
        access_log=False,  # who asks for what is nobody's business, the log's neither
        server_header=False,
        proxy_headers=False,  # http/clients.py reads them, and only of proxies that were named
        h11_max_incomplete_event_size=_LARGEST_HEADERS,
        timeout_graceful_shutdown=patience,
    )
