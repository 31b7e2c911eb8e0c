"""A connection in the test's hand: what is sent when, what comes back, and when it breaks."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message, Scope


class Wire:
    """One request to an application, as a server passes it on piece by piece."""

    def __init__(
        self, app: ASGIApp, client: httpx.AsyncClient, method: str, target: str, **headers: str
    ) -> None:
        request = client.build_request(method, target, headers=headers)
        url = request.url
        self._scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(url.raw_path.partition(b"?")[0].decode("ascii")),
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "headers": [
                (name.lower(), value)
                for name, value in request.headers.raw
                if name.lower() != b"content-length"
            ],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8760),
        }
        self._app = app
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.headers: dict[bytes, bytes] = {}

    async def __aenter__(self) -> Self:
        self._running = asyncio.ensure_future(self._app(self._scope, self._coming.get, self._send))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()
        self.may_send.set()
        await self._running

    def give(self, body: bytes, *, more: bool = False) -> None:
        """Send a piece of the body."""
        self._coming.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def hang_up(self) -> None:
        """Break the connection."""
        self._coming.put_nowait({"type": "http.disconnect"})

    async def status(self) -> int:
        """Return the status once it came."""
        start = await self._sent.get()
        self.headers = dict(start["headers"])
        return int(start["status"])

    async def piece(self) -> bytes:
        """Return the next piece of the answer, empty at its end."""
        message = await self._sent.get()
        return bytes(message.get("body", b""))

    async def event(self) -> "tuple[str, int, dict[str, Any]] | None":
        """Return the next event as its name, its number and its data; None for a heartbeat."""
        return event_of(await self.piece())

    async def ended(self) -> None:
        """Wait until the application has returned."""
        await asyncio.shield(self._running)

    async def _send(self, message: Message) -> None:
        await self.may_send.wait()
        self._sent.put_nowait(message)


def event_of(text: bytes) -> tuple[str, int, dict[str, Any]] | None:
    """Return an event as its name, its number and its data; None for a comment."""
    if text.startswith(b":"):
        return None
    fields = dict(line.split(": ", 1) for line in text.decode().strip().split("\n"))
    return fields["event"], int(fields["id"]), json.loads(fields["data"])


def events_of(text: bytes) -> list[tuple[str, int, dict[str, Any]]]:
    """Return every event of a whole stream."""
    found = [event_of(each) for each in text.split(b"\n\n") if each]
    return [each for each in found if each is not None]
