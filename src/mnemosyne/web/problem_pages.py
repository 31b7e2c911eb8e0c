"""Errors as pages: what a browser opens and the node refuses is told in words and with a way on.

It wraps the whole node, since what is refused before any route (another host, too long an address)
is met by people too. Programs, our own scripts among them, get the problem as it is.
"""

import json
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemosyne.http.problems import MEDIA_TYPE
from mnemosyne.web import visitors
from mnemosyne.web.messages import advice_for
from mnemosyne.web.templates import Templates
from mnemosyne.web.visitors import Visitor

HTML: Final = "text/html"
_WAYS: Final = {
    401: (("/sign-in", "Sign in"), ("/recover", "Come back with a recovery code")),
    429: (("/", "Start again later"),),
}
_HOME: Final = (("/", "Go to the first page"),)
# No page of this node is under a foreign name, so none is linked.
_NOWHERE: Final = 421
# Whoever asks too much, or a node in trouble, is not asked who that is.
_KNOWN_AT: Final = frozenset({403, 404, 405, 409, 410, 412, 413, 415, 422})


class ReadableProblems:
    """Turn the problems that ``app`` answers people with into pages."""

    def __init__(self, app: ASGIApp, templates: Templates) -> None:
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer what a person opened with a page if it is refused."""
        if scope["type"] != "http" or not is_opened_by_a_person(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Turning(self._templates, scope, receive, send))


class _Turning:
    """What the application sends, held back while it is a problem."""

    def __init__(self, templates: Templates, scope: Scope, receive: Receive, send: Send) -> None:
        self._templates = templates
        self._scope, self._receive, self._send = scope, receive, send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._answer(self._start)

    async def _answer(self, start: Message) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        wait = headers.get("Retry-After", "")
        visitor = await self._visitor(int(start["status"]))
        page = problem_page(self._templates, json.loads(self._body), wait, visitor)
        for name, value in page.headers.items():
            headers[name] = value
        headers.add_vary_header("Accept")
        page.raw_headers = headers.raw
        await page(self._scope, self._receive, self._send)

    async def _visitor(self, status: int) -> Visitor | None:
        """Return who is signed in, so that their pages stay at hand.

        What the guard refuses has come to no application yet, and what the resolver does has come
        to one that knows nobody.
        """
        reached = self._scope.get("app")
        if status not in _KNOWN_AT or not hasattr(getattr(reached, "state", None), "node"):
            return None
        return await visitors.recognised(Request(self._scope))


def problem_page(
    templates: Templates, document: dict[str, Any], wait: str = "", visitor: Visitor | None = None
) -> HTMLResponse:
    """Return a problem (RFC 9457) as a page; ``wait`` is Retry-After."""
    status, code = int(document["status"]), str(document["code"])
    return templates.page(
        "problem",
        status,
        visitor=visitor,
        number=status,
        code=code,
        title=str(document["title"]).removesuffix("."),
        detail=document.get("detail", ""),
        hint=document.get("hint", "") or advice_for(code, status),
        wait=wait if wait.isdecimal() else "",
        ways=() if status == _NOWHERE else _WAYS.get(status, _HOME),
    )


def is_opened_by_a_person(headers: Headers) -> bool:
    """Whether a browser asks for a page, as links, forms and the address bar do."""
    mode = headers.get("sec-fetch-mode", "navigate")
    return mode == "navigate" and HTML in headers.get("accept", "")


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE)
