"""Serve a node: everything that an open vault can do, over HTTP, until it is told to stop."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.types import ASGIApp

from mnemosyne.accounts import store_passkeys
from mnemosyne.api.app import node_app
from mnemosyne.application import Application
from mnemosyne.cli.node import Listening, ServeChoices
from mnemosyne.entrypoints.certificates import remarks_on, tls_context
from mnemosyne.entrypoints.failures import told_without_content
from mnemosyne.entrypoints.listening import Server, listening, port_of
from mnemosyne.entrypoints.place import Place
from mnemosyne.entrypoints.resolving import require_origins
from mnemosyne.entrypoints.stopping import EndingStreams, told_to_stop
from mnemosyne.entrypoints.streaming import MOST_SERVED, StreamingProtocol
from mnemosyne.http.address import Address
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.http.proxied import OnlyProxies
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.serving_lock import alone_serving
from mnemosyne.web.routes import Pages

PATIENCE: Final = 20
"""For how many seconds what runs may go on once the node was told to stop."""
_FILES: Final = 4096


class WorkEndedError(MnemosyneError):
    """What follows from captures is worked on no more, so the node ended."""

    code = "work-ended"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "the node has ended, since its work on new memories failed",
            why=f"The cause was {reason}. What was acknowledged is on the disk.",
            hint="`mnemosyne doctor` looks what is wrong; then start the node again.",
        )
        self.reason = reason


class ServingEndedError(MnemosyneError):
    """The server ended without having been told to."""

    code = "serving-ended"

    def __init__(self) -> None:
        super().__init__(
            "the node has ended without having been told to",
            why="Its server stopped listening.",
            hint="Start it again; `mnemosyne doctor` looks whether the vault is well.",
        )


class RunningNode:
    """A node that serves: its address, and its end."""

    def __init__(
        self,
        facts: Listening,
        told: asyncio.Event,
        server: asyncio.Task[None],
        work: asyncio.Task[None],
    ) -> None:
        self.facts = facts
        self._told = told
        self._server = server
        self._work = work

    async def ended(self) -> None:
        """Wait until somebody ends it, or it cannot go on.

        Raises:
            WorkEndedError, ServingEndedError: it cannot.
        """
        waits = asyncio.create_task(self._told.wait())
        parts = {waits, self._server, self._work}
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        if self._work.done():
            raise WorkEndedError(_named(self._work.exception()))
        if self._server.done():
            raise ServingEndedError


def checked(choices: ServeChoices) -> tuple[Place, ssl.SSLContext | None]:
    """Return where a node is to be served and what TLS needs, before any vault is open.

    Raises:
        HostUnusableError, OpenToOthersError, PublicUrlMissingError, AddressUnusableError,
        ProxyUnusableError, OriginUnusableError, CertificateUnusableError: as each says.
    """
    require_origins(choices.allow_origin)
    tls = tls_context(choices.tls_cert, choices.tls_key)
    place = Place.of(
        host=choices.host,
        port=choices.port,
        public_url=choices.public_url,
        tls=tls is not None,
        behind_proxy=choices.behind_proxy,
        origins=choices.allow_origin,
    )
    return place, tls


@asynccontextmanager
async def serving_node(
    node: Application, choices: ServeChoices, requests_a_minute: int
) -> AsyncIterator[RunningNode]:
    """Serve an open vault as ``choices`` say; leaving the context lets what runs end, and ends.

    Raises:
        AlreadyServedError: another process serves this vault.
        PortUnusableError: another program has the port.
        MnemosyneError: as ``checked``.
    """
    place, tls = checked(choices)
    _allow_files()
    limits = Limits(node.clock, Rates.of(requests_a_minute))
    with (
        alone_serving(node.lock),
        told_to_stop() as told,  # from here on, so that nobody is told before it can be ended
        told_without_content(),
        listening(place.hosts, place.port) as listeners,
    ):
        port = port_of(listeners[0])
        address = place.address(port)
        app = EndingStreams(_composed(node, place, address, limits))
        facts = await _facts(node, choices, place, address, port)
        server = Server(app, StreamingProtocol, most=MOST_SERVED, patience=PATIENCE)
        stop = asyncio.Event()
        async with _working(node, stop) as work, server.serving(listeners, tls) as task:
            try:
                node.lock.answers_at(address.origin)
                yield RunningNode(facts, told, task, work)
            finally:
                stop.set()
                server.stop_accepting()
                await node.jobs.close()  # what they did is stored; each tells who follows it
                app.end()


def _composed(node: Application, place: Place, address: Address, limits: Limits) -> ASGIApp:
    pages = Pages()
    app = pages.readable(node_app(node, address, limits, place.proxies, pages.routes))
    return OnlyProxies(app, place.proxies) if place.proxied and not place.tls else app


async def _facts(
    node: Application, choices: ServeChoices, place: Place, address: Address, port: int
) -> Listening:
    """Return what a person has to know of the node that is about to answer."""
    remarks = list(place.remarks(port))
    if choices.tls_cert is not None:
        remarks += remarks_on(choices.tls_cert, address.host, node.clock())
    known = await node.database.read(store_passkeys.hosts)
    if known and address.host not in known:
        remarks.append(
            f"Passkeys were made for {', '.join(sorted(known))} and work nowhere else. Under "
            f"{address.host} people need a new one: `mnemosyne account link` lets them make it."
        )
    return Listening(
        origin=address.origin,
        addresses=tuple(f"[{each}]" if ":" in each else each for each in place.hosts),
        port=port,
        nobody_can_sign_in=not known,
        remarks=tuple(remarks),
    )


@asynccontextmanager
async def _working(node: Application, stop: asyncio.Event) -> AsyncIterator[asyncio.Task[None]]:
    """Work on what follows from captures until ``stop`` is set, and see its end."""
    task = asyncio.create_task(node.dispatcher.run(stop))
    try:
        yield task
    finally:
        stop.set()
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:  # a batch that is cut short comes back with the next start
            task.cancel()
            await asyncio.wait({task})


def _named(error: BaseException | None) -> str:
    """Name an error by what is no content: its code, or its kind."""
    if isinstance(error, MnemosyneError):
        return f"“{error.code}”"
    return "an end that nobody asked for" if error is None else type(error).__name__


def _allow_files() -> None:
    """Let the process have as many sockets and files as its limits allow it to ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
