"""Connections that go on for long, and those that only stand still."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from mnemosyne.entrypoints.listening import Server, listening, port_of
from mnemosyne.entrypoints.stopping import EndingStreams
from mnemosyne.entrypoints.streaming import StreamingProtocol, streaming
from tests.requirements import requirement

DEADLINE = 0.2
LONGER = 1.0
HEAD = b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


class Node:
    """What answers: uploads, downloads, and a stream that says something when it is told to."""

    def __init__(self) -> None:
        self.say = asyncio.Event()
        self.ended = asyncio.Event()
        routes = [
            Route("/", self.take, methods=["POST"]),
            Route("/", self.stream),
            Route("/large", self.large),
        ]
        self.app = EndingStreams(Starlette(routes=routes))

    async def take(self, request: Request) -> PlainTextResponse:
        size = 0
        async for part in request.stream():
            size += len(part)
        return PlainTextResponse(str(size))

    async def stream(self, _request: Request) -> StreamingResponse:
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        try:
            yield "data: first\n\n"
            await self.say.wait()
            yield "data: second\n\n"
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    async def large(self, _request: Request) -> StreamingResponse:
        return StreamingResponse(self._pieces())

    async def _pieces(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(65_536)
                await asyncio.sleep(0)  # as a file is read in a thread
        finally:
            self.ended.set()


@asynccontextmanager
async def serving(
    node: Node, protocol: type[StreamingProtocol], most: int = 64
) -> AsyncIterator[int]:
    with listening(["127.0.0.1"], 0) as listeners:
        server = Server(node.app, protocol, most=most, patience=2)
        async with server.serving(listeners):
            try:
                yield port_of(listeners[0])
            finally:
                node.app.end()


@requirement("serving.streams")
async def test_a_stream_that_is_silent_for_longer_than_the_deadline_goes_on() -> None:
    node = Node()
    async with serving(node, streaming(1, DEADLINE)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET" + HEAD + b"\r\n")
        await reader.readuntil(b"data: first\n\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 3 * DEADLINE)
        node.say.set()
        await reader.readuntil(b"data: second\n\n\r\n")
        writer.close()


@requirement("serving.end")
async def test_a_stream_ends_properly_when_the_server_does() -> None:
    node = Node()
    async with serving(node, streaming(1, 60)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET" + HEAD + b"\r\n")
        await reader.readuntil(b"data: first\n\n\r\n")
    rest = await reader.read()
    writer.close()

    assert node.ended.is_set()
    assert rest.endswith(b"0\r\n\r\n")  # whole, as chunks are: not cut off


@requirement("serving.streams")
async def test_an_upload_takes_longer_than_the_deadline_as_long_as_it_moves() -> None:
    node = Node()
    async with serving(node, streaming(1, LONGER, slowest=1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST" + HEAD + b"Content-Length: 100000\r\n\r\n")
        answered = asyncio.ensure_future(reader.read())
        for _ in range(10):
            writer.write(bytes(10_000))
            await asyncio.wait({answered}, timeout=LONGER / 8)
        answer = await answered
        writer.close()

    assert answer.endswith(b"100000")


@requirement("serving.streams")
async def test_an_upload_that_comes_in_drops_is_closed() -> None:
    node = Node()
    async with serving(node, streaming(1, DEADLINE, slowest=1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST" + HEAD + b"Content-Length: 100000\r\n\r\n")
        closed = asyncio.ensure_future(_heard(reader))
        while not closed.done():
            writer.write(b".")
            await asyncio.wait({closed}, timeout=DEADLINE / 4)
        writer.close()

    assert closed.result() == b""


@requirement("serving.streams")
async def test_an_answer_that_is_not_taken_is_closed() -> None:
    node = Node()
    async with serving(node, streaming(1, DEADLINE)) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /large" + HEAD[2:] + b"\r\n")
            await node.ended.wait()


@requirement("serving.streams")
async def test_a_connection_that_never_asked_gives_way_to_one_that_does() -> None:
    node = Node()
    protocol = streaming(60, 60)
    protocol.most, protocol.fresh = 4, 0.0
    async with serving(node, protocol, most=4) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(6)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST" + HEAD + b"Content-Length: 0\r\n\r\n")
        answer = await reader.read()
        for _, each in [*idle, (reader, writer)]:
            each.close()

    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_what_is_no_http_and_what_is_too_much_are_answered_as_problems() -> None:
    node = Node()
    protocol = streaming(60, 60)
    protocol.most = 3
    async with serving(node, protocol, most=3) as port:
        garbage = await _asked(port, b"what is this\r\n\r\n")
        framed = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        twice = await _asked(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + framed)
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        crowded = await _asked(port, b"GET" + HEAD + b"\r\n")
        for _, each in held:
            each.close()

    assert garbage.startswith(b"HTTP/1.1 400 ")
    assert b'"code": "bad-request"' in garbage
    assert twice.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in twice.lower()
    assert crowded.startswith(b"HTTP/1.1 503 ")
    assert b'"code": "busy-now"' in crowded
    assert b"retry-after: 1" in crowded.lower()


async def _asked(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    return answer


async def _heard(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
