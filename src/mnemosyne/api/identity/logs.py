"""The logs of hosted did:mnem: whole, with their receipts, and the way in for further entries."""

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mnemosyne.api.identity.answers import has
from mnemosyne.api.identity.hosted import HostedLogs
from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits, TooManyRequestsError
from mnemosyne.http.problems import problem, problem_of, respond
from mnemosyne.identity.errors import InvalidDidError, LogError
from mnemosyne.identity.log import History, lines
from mnemosyne.identity.representations import JSON, produce
from mnemosyne.identity.syntax import require_did

JSON_LINES: Final = "application/jsonl"
LARGEST_PUSH: Final = 4 * 1024 * 1024
PATIENCE: Final = 30.0
"""For how many seconds the rest of a body is waited for."""


class Logs:
    """Serve and extend logs; a DID that is not hosted is answered as one that does not exist."""

    def __init__(
        self,
        hosted: HostedLogs,
        limits: Limits,
        proxies: Proxies | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._hosted = hosted
        self._limits = limits
        self._proxies = proxies or Proxies()
        self._patience = patience

    async def log(self, request: Request) -> Response:
        """Return every entry that is known, rivals and nullified ones too, as first seen."""
        history = await self._history(request)
        if history is None:
            return _absent()
        tag = f'"{len(history.entries)}.{history.head.version_id}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if has(tag, request.headers):
            return Response(status_code=304, headers=headers)
        return Response(lines(history.entries), headers=headers, media_type=JSON_LINES)

    async def receipts(self, request: Request) -> Response:
        """Return the receipts of witnesses; none are issued yet."""
        history = await self._history(request)
        if history is None:
            return _absent()
        return Response(b"[]", headers={"Cache-Control": "no-cache"}, media_type=JSON)

    async def submit(self, request: Request) -> Response:
        """Take entries that validly extend a hosted log."""
        try:
            self._limits["push"].take(self._proxies.client_of(request.scope))
            return await self._take(request)
        except TooManyRequestsError as error:
            return problem_of(error)

    async def _take(self, request: Request) -> Response:
        if _media_type(request) != JSON_LINES:
            title = f"Entries are sent as {JSON_LINES}, one in a line."
            return respond(problem(415, "unsupported-media-type", title))
        data = await self._body(request)
        if isinstance(data, Response):
            return data
        known = await self._history(request)
        if known is None:
            return _absent()
        self._limits["did"].take(known.did)
        try:
            history = await self._hosted.submit(known.did, data)
        except LogError as error:
            title, detail = "The entries do not hold.", f"{error.log_code}: {error.detail}"
            return respond(problem(400, "log-entries-refused", title, detail=detail))
        return Response(
            produce(_accepted(history)), headers={"Cache-Control": "no-store"}, media_type=JSON
        )

    async def _body(self, request: Request) -> bytes | Response:
        """Return the body, or why it is not taken."""
        try:
            async with asyncio.timeout(self._patience):
                data = await _bounded(request)
        except TimeoutError:
            title = "The rest of the entries did not come."
            return respond(problem(408, "body-stalled", title))
        if data is None:
            title = f"More than {LARGEST_PUSH} bytes were sent; send them in parts."
            return respond(problem(413, "body-too-large", title))
        return data

    async def _history(self, request: Request) -> History | None:
        try:
            did = require_did(request.path_params["did"])
        except InvalidDidError:
            return None
        return await self._hosted.find(did)


def _accepted(history: History) -> dict[str, object]:
    return {
        "did": history.did,
        "versionId": history.head.version_id,
        "entries": len(history.entries),
        "equivocation": history.equivocation,
    }


def _absent() -> Response:
    return respond(problem(404, "did-unknown", "No log of that DID is kept here."))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _bounded(request: Request) -> bytes | None:
    """Return the body, or None once it is larger than a push may be."""
    stated = request.headers.get("content-length", "0")
    if not (stated.isascii() and stated.isdigit()) or int(stated) > LARGEST_PUSH:
        return None
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > LARGEST_PUSH:
                return None
    except ClientDisconnect:
        return None  # nobody is left to be answered
    return bytes(data)
