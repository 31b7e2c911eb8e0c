"""Connections to the resolver, none of which may keep others out: they send, or they are closed.

The server of uvicorn waits for the head of a request as long as it takes, and answers 503 to
everybody while too many wait. Any program of the machine could hold them open.
"""

import asyncio
from http import HTTPStatus
from typing import Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from mnemosyne.http.problems import of_status

FOR_HEAD: Final = 10.0
"""For how many seconds the head of a request is waited for."""
FOR_REQUEST: Final = 60.0
"""For how many seconds a request may take, with its body and until the answer was taken."""
MOST: Final = 64
"""Connections at a time."""


class OneFraming(h11.Connection):
    """A connection whose requests say in one way alone where their body ends.

    RFC 9112 §6.1: with a length beside the chunks, somebody in between may have read another end.
    """

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return what came next, but for a request that says it twice."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if {b"transfer-encoding", b"content-length"} <= names:
                raise h11.RemoteProtocolError("a length beside chunks")
        return event


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 over one connection, with a deadline for each part of it."""

    for_head: float = FOR_HEAD
    for_request: float = FOR_REQUEST
    most: int = MOST

    _deadline: asyncio.TimerHandle | None = None
    _since: float = 0.0
    _awaited: bool = False
    """Whether the deadline is that of a head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request; where too many wait, the one that did so longest gives way."""
        super().connection_made(transport)
        self.conn = OneFraming(h11.SERVER)
        self._since = self.loop.time()
        self._await_head()
        if len(self.connections) >= self.most:
            idle = [each for each in self._others() if each.gives_way()]
            if idle:
                min(idle, key=lambda each: each._since).give_way()  # noqa: SLF001 - of this class

    def data_received(self, data: bytes) -> None:
        """Take what came; a head has its time from the first byte on, and not from each."""
        super().data_received(data)
        if not self.awaits_head:
            if self._awaited:
                self._take_request()
        elif not self._awaited:
            self._await_head()

    def on_response_complete(self) -> None:
        """Give the client time to take the answer, and go on with the next request."""
        self._take_request()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem, and close; an answer under way is cut off."""
        del msg
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.give_way()
            return
        answer = of_status(HTTPStatus.BAD_REQUEST, {"Connection": "close"})
        head = h11.Response(status_code=answer.status_code, headers=answer.raw_headers)
        for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def awaits_head(self) -> bool:
        """Whether no whole head of a request is there that was not answered."""
        return self.conn.their_state is h11.IDLE

    def gives_way(self) -> bool:
        """Whether a newer connection may have this one's place."""
        return self.awaits_head

    def give_way(self) -> None:
        """Close at once, whatever was not sent."""
        self.connections.discard(self)  # it is not counted any more when the next request comes
        self.transport.abort()

    def _others(self) -> list["BoundedProtocol"]:
        return [cast("BoundedProtocol", each) for each in self.connections if each is not self]

    def _await_head(self) -> None:
        self._awaited = True
        self._close_after(self.for_head)

    def _take_request(self) -> None:
        self._awaited = False
        self._close_after(self.for_request)

    def _close_after(self, seconds: float) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(seconds, self.give_way)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def bounded(for_head: float = FOR_HEAD, for_request: float = FOR_REQUEST) -> type[BoundedProtocol]:
    """Return the protocol with these deadlines, in seconds."""
    deadlines = {"for_head": for_head, "for_request": for_request}
    return type("BoundedProtocol", (BoundedProtocol,), deadlines)
