"""What a running node says of its failures: enough to find them, and nothing that was written."""

import asyncio
import logging

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from mnemosyne.entrypoints.failures import told_without_content
from mnemosyne.entrypoints.listening import Server, listening, port_of
from mnemosyne.entrypoints.streaming import StreamingProtocol
from tests.requirements import requirement

SECRET = "the key lies behind the gas meter"


def fail() -> None:
    """Fail as code does that quotes what it was given, twice."""
    try:
        int(SECRET)
    except ValueError as error:
        raise LookupError(SECRET) from error


async def failing(_request: Request) -> None:
    fail()


@requirement("serving.failures-without-content")
async def test_a_request_that_fails_is_told_by_kind_and_place_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = Starlette(routes=[Route("/", failing)])
    with told_without_content(), listening(["127.0.0.1"], 0) as listeners:
        server = Server(app, StreamingProtocol, most=8, patience=1)
        async with server.serving(listeners):
            port = port_of(listeners[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            words = SECRET.replace(" ", "+")
            target = f"GET /?q={words} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            writer.write(target.encode())
            answer = await reader.read()
            writer.close()
    told = capsys.readouterr().err

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "builtins.LookupError" in told
    assert "builtins.ValueError" in told
    assert "test_failures.py:" in told
    assert "in fail" in told
    assert "gas" not in told


@requirement("serving.failures-without-content")
async def test_what_fails_beside_requests_and_in_libraries_is_told_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def beside() -> None:
        fail()

    with told_without_content():
        task = asyncio.ensure_future(beside())
        await asyncio.wait({task})
        del task  # nobody looks at its error: asyncio reports that
        logging.getLogger("somebody.elses").error("cannot parse %s", SECRET)
        logging.getLogger("mnemosyne.api.errors").error("an operation failed: %s", "storage-full")
    told = capsys.readouterr().err

    assert "something failed beside a request" in told
    assert "builtins.LookupError" in told
    assert "somebody.elses: a library reported something" in told
    assert "an operation failed: storage-full" in told
    assert "gas" not in told
