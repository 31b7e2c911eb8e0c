"""What every request passes: the host it names, the page it comes from, and its size.

A resolver on a person's own machine is reached by every web page that the person opens. Which DIDs
it hosts says who that person is, so no page may read an answer unless its origin was named, and a
page that gives this address a name of its own (DNS rebinding) is told that it went astray.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemosyne.api.problems import problem

ANYBODY: Final = "*"
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LONGEST_TARGET: Final = 8 * 1024
_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_METHODS: Final = "GET, HEAD, POST, OPTIONS"


@dataclass(frozen=True, slots=True)
class Face:
    """To whom the resolver shows itself: the hosts it answers to, and the origins of web pages."""

    hosts: frozenset[str] = LOOPBACK_HOSTS
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, origins: Iterable[str]) -> "Face":
        """Return a face for this machine alone that pages of ``origins`` may read."""
        return cls(origins=frozenset(origins))

    @property
    def public(self) -> bool:
        """Whether every page may read."""
        return ANYBODY in self.origins

    def lets_read(self, origin: str) -> bool:
        """Whether a page of ``origin`` may read answers."""
        return self.public or origin in self.origins


class Guard:
    """Wrap an application: refuse what is astray, add the headers that every answer carries."""

    def __init__(self, app: ASGIApp, face: Face) -> None:
        self._app = app
        self._face = face

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = self._with_headers(headers.get("origin", ""), send)
        app = self._refusal(scope, headers) or self._app
        await app(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        named = headers.getlist("host")
        if len(named) != 1 or _without_port(named[0]) not in self._face.hosts:
            return problem(421, "The request names another host than this one.")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _LONGEST_TARGET:
            return problem(414, f"The address is longer than {_LONGEST_TARGET} bytes.")
        if self._is_of_a_strange_page(headers):
            return problem(403, "Web pages of other origins may not read this resolver.")
        if scope["method"] == "OPTIONS":
            return problem(204, "", {"Allow": _METHODS})
        return None

    def _is_of_a_strange_page(self, headers: Headers) -> bool:
        """Whether a page sent this that may not read the answer, nor learn from its timing."""
        origin = headers.get("origin", "")
        if origin:
            return not (self._face.lets_read(origin) or _is_own(origin, headers["host"]))
        site = headers.get("sec-fetch-site", "none")
        # A link that a person follows is a navigation: its answer no other page sees.
        navigation = headers.get("sec-fetch-mode") == "navigate"
        return not (site in {"none", "same-origin"} or navigation or self._face.public)

    def _with_headers(self, origin: str, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_SECURITY, **self._sharing(origin)}.items():
                    headers[name] = value
                headers.add_vary_header("Origin")
            await send(message)

        return guarded

    def _sharing(self, origin: str) -> dict[str, str]:
        if not (origin and self._face.lets_read(origin)):
            policy = "cross-origin" if self._face.public else "same-origin"
            return {"Cross-Origin-Resource-Policy": policy}
        return {
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": ANYBODY if self._face.public else origin,
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
            "Access-Control-Expose-Headers": "ETag, Location, Retry-After",
            "Access-Control-Max-Age": "600",
        }


def _is_own(origin: str, host: str) -> bool:
    return origin in {f"http://{host}", f"https://{host}"}


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and (port.isascii() and port.isdigit()) else host.lower()
