"""Ask an application as a server would, with every byte of the request in the test's hand."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pytest
from starlette.types import ASGIApp, Message, Scope

HOST = "127.0.0.1:8553"
RESOLUTION = "application/did-resolution"
DEREFERENCING = "application/did-url-dereferencing"
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def error(self) -> str:
        """The name of the error in a result, of whichever kind."""
        result = self.json
        about = result.get("didResolutionMetadata") or result["dereferencingMetadata"]
        return str(about["error"]["type"]).removeprefix("https://www.w3.org/ns/did#")


async def ask(
    app: ASGIApp,
    target: str | bytes,
    method: str = "GET",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: Iterable[bytes] = (),
    client: str = "127.0.0.1",
    failing: type[Exception] | None = None,
) -> Answer:
    """Send one request; ``target`` is the path and query as they go over the wire.

    An application that fails answers and raises: with ``failing`` it has to.
    """
    raw = target if isinstance(target, bytes) else target.encode("utf-8")
    path, _, query = raw.partition(b"?")
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if "host" not in {name.lower() for name, _ in pairs}:
        pairs.append(("host", HOST))
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "client": (client, 50_000),
        "server": ("127.0.0.1", 8553),
    }
    parts = list(body) or [b""]
    sent: list[Message] = []

    async def receive() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}
        await asyncio.Event().wait()  # the client stays until it has its answer
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(failing) if failing else nullcontext():
        await app(scope, receive, send)
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


async def get(app: ASGIApp, identifier: str, accept: str = "", **more: str) -> Answer:
    """Ask for an identifier as it stands."""
    headers = {"Accept": accept, **more} if accept else dict(more)
    return await ask(app, f"/1.0/identifiers/{identifier}", headers=headers)


async def encoded(app: ASGIApp, did_url: str, accept: str = "") -> Answer:
    """Ask for an identifier, percent-encoded throughout."""
    return await get(app, quote(did_url, safe=""), accept)
