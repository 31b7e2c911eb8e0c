"""A resolver that somebody on the machine keeps busy, with sockets that send half of something."""

import asyncio
import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from mnemosyne.api.identity.resolver import resolver_app
from mnemosyne.entrypoints.connections import MOST, bounded
from mnemosyne.entrypoints.resolving import serving
from mnemosyne.identity.examples import Examples
from tests.clock import SetClock
from tests.requirements import requirement

EXAMPLES = Examples(SetClock())
APP = resolver_app(EXAMPLES, SetClock())
HOST = b" HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = b"GET /1.0/identifiers/" + EXAMPLES.active.encode() + HOST + b"\r\n"
PUSH = b"POST /1.0/mnem/" + EXAMPLES.active.encode() + b"/log" + HOST
BODY = b"Content-Type: application/jsonl\r\nContent-Length: 9\r\n\r\n"


def connected(url: str) -> socket.socket:
    return socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=10)


def heard(url: str, sent: bytes, then: bytes = b"") -> bytes:
    """Return what comes back until the server closes; send ``then`` when the answer begins."""
    with connected(url) as connection:
        connection.sendall(sent)
        found = bytearray(connection.recv(65_536) if then else b"")
        connection.sendall(then)
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            pass
        return bytes(found)


@requirement("identity.resolver-loopback")
@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
async def test_a_connection_without_a_whole_head_is_closed(sent: bytes) -> None:
    async with serving(APP, 0, bounded(for_head=0.05)) as url:
        assert await asyncio.to_thread(heard, url, sent) == b""


async def test_the_next_head_of_a_connection_has_its_deadline_too() -> None:
    async with serving(APP, 0, bounded(for_head=0.05)) as url:
        answers = await asyncio.to_thread(heard, url, WHOLE, b"GET / HTTP/1.1\r\nX: ")

    assert answers.startswith(b"HTTP/1.1 200 ")
    assert answers.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("body", [b"", b"{"])
async def test_a_request_whose_body_does_not_come_is_closed(body: bytes) -> None:
    async with serving(APP, 0, bounded(for_request=0.05)) as url:
        assert await asyncio.to_thread(heard, url, PUSH + BODY + body) == b""


@requirement("identity.resolver-loopback")
async def test_half_open_connections_keep_nobody_out() -> None:
    async with serving(APP, 0) as url:
        with ExitStack() as held:
            for _ in range(MOST + 16):
                waiting = held.enter_context(connected(url))
                waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
                await asyncio.sleep(0)
            answer = await asyncio.to_thread(heard, url, WHOLE[:-2] + b"Connection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
