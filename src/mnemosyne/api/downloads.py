"""What is made for a client and then sent: whole, or a problem instead.

It is written to a sealed, nameless file first. So nobody takes half of it for all, what left is in
the record before it leaves, and a slow client holds no snapshot of the vault.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack
from typing import Final, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from mnemosyne.application import Application
from mnemosyne.audit.model import RecordGoneError
from mnemosyne.http.bodies import BodyCutOffError
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.principal import Principal

T = TypeVar("T")
_PIECE: Final = 256 * 1024


class Download(StreamingResponse):
    """A spool on its way to the client; it goes when the answer ends, however that is."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        size: int,
        held: ExitStack,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        more = {"Content-Length": str(size), "Cache-Control": "no-store", **headers}
        super().__init__(pieces, headers=more, media_type=media_type)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and let go of what it holds."""
        with self._held:
            await super().__call__(scope, receive, send)


async def download(
    request: Request,
    node: Application,
    caller: Principal,
    make: Callable[[Spool], Awaitable[T]],
    about: Callable[[T], tuple[str, Mapping[str, str]]],
) -> Download:
    """Let ``make`` fill a spool and return it as an answer with the type and headers of ``about``.

    Raises:
        TooManyJobsError: the person has enough under way.
        RecordGoneError: they were erased while it was made.
        SpoolFullError: the disk has no room; or whatever ``make`` raises.
    """
    with ExitStack() as held:
        going = held.enter_context(node.jobs.room(caller.person))
        spool = await asyncio.to_thread(Spool, node.lock.home.path)
        held.callback(spool.close)
        made = await while_connected(request, make(spool), going)
        media_type, headers = about(made)
        return Download(_pieces(spool, going), spool.size, held.pop_all(), media_type, headers)


async def while_connected(request: Request, work: Awaitable[T], going: asyncio.Event) -> T:
    """Return what ``work`` gives, and cancel it when the client or its person goes before.

    Raises:
        BodyCutOffError: nobody is there any more to be answered.
        RecordGoneError: the person was erased.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(request))
    leaving = asyncio.ensure_future(going.wait())
    everything = {working, watching, leaving}
    try:
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        if going.is_set():
            raise RecordGoneError
        if not working.done():
            raise BodyCutOffError
        return working.result()
    finally:
        for each in everything:
            each.cancel()
        await asyncio.wait(everything)


async def _gone(request: Request) -> None:
    """Return when the client has gone away; the body was read before."""
    try:
        await request.body()
    except ClientDisconnect:
        return
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _pieces(spool: Spool, going: asyncio.Event) -> AsyncIterator[bytes]:
    reader = spool.open()
    # Cut off short of its length once the person is erased: nobody takes that for the whole.
    while not going.is_set() and (piece := await asyncio.to_thread(reader.read, _PIECE)):
        yield piece
