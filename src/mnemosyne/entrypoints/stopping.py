"""How a server ends: asked once it finishes what runs, asked twice it ends at once."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_OF_A_SIGNAL: Final = 128
_STREAM: Final = "text/event-stream"


@contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """Yield what is set by Control-C or a SIGTERM; the second of them ends the process there.

    Nothing is lost by that: what was acknowledged is on the disk.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def hear(number: int) -> None:
        if told.is_set():
            os._exit(_OF_A_SIGNAL + number)
        told.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, hear, number)
    try:
        yield told
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


class EndingStreams:
    """Wrap an application so that its event streams, which have no end, end with the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ending = asyncio.Event()

    def end(self) -> None:
        """End them."""
        self._ending.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; once told to end, a stream takes it that its reader went away."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)

        async def heard() -> Message:
            waits = asyncio.ensure_future(receive())
            ends = asyncio.ensure_future(self._ending.wait())
            try:
                await asyncio.wait({waits, ends}, return_when=asyncio.FIRST_COMPLETED)
                if answer.streams and not waits.done():
                    return {"type": "http.disconnect"}
                return await waits
            finally:
                waits.cancel()
                ends.cancel()

        await self._app(scope, heard, answer.send)
        await answer.complete()


class _Answer:
    """What was sent of an answer so far."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.streams = False
        self._open = False

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self.streams = self._open = kind.startswith(_STREAM)
        elif not message.get("more_body", False):
            self._open = False
        await self._send(message)

    async def complete(self) -> None:
        """Send the end of a stream that was left open."""
        if self._open:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})
