"""What every request passes: the host it names, the page it comes from; and what answers carry.

Any program and any web page of the machine can reach the node. So a request that names another
host is answered 421 (DNS rebinding), one that a page of another origin caused is answered 403
(Fetch Metadata, W3C; the ``Origin`` header, RFC 6454 §7), and no page elsewhere reads an answer,
except those of the resolver by origins that were named. The same stands before a resolver alone,
which every page that a person opens reaches too: which DIDs it hosts says who that person is.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mnemosyne.http.address import Address, Loopback
from mnemosyne.http.problems import problem, respond

ANYBODY: Final = "*"
SESSION_COOKIE: Final = "__Host-mnemosyne"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_LONGEST_TARGET: Final = 8 * 1024
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SHARED: Final = "/1.0/"
_OF_ALL: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), "
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), "
    "browsing-topics=()",
}
_ONLY_TLS: Final = "max-age=31536000"


class Guard:
    """Wrap an application: refuse what is astray, add the headers that every answer carries."""

    def __init__(self, app: ASGIApp, address: Address | Loopback) -> None:
        self._app = app
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        shared = self._shares(scope["path"], headers.get("origin", ""))
        app = self._refusal(scope, headers, shared=shared) or self._app
        await app(scope, receive, self._with_headers(headers, send, shared=shared))

    def _refusal(self, scope: Scope, headers: Headers, *, shared: bool) -> ASGIApp | None:
        hosts = headers.getlist("host")
        own = self._address.origin_at(hosts[0]) if len(hosts) == 1 else ""
        if not own:
            return respond(
                problem(
                    421,
                    "misdirected-request",
                    "The request names another host than this node.",
                    detail=f"It is reached as {self._address.told} and as nothing else.",
                )
            )
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _LONGEST_TARGET:
            return respond(
                problem(414, "address-too-long", f"The address is over {_LONGEST_TARGET} bytes.")
            )
        if not shared and _is_of_a_strange_page(scope["method"], headers, own):
            return respond(
                problem(403, "cross-site", "A web page of another origin caused this request.")
            )
        return None

    def _shares(self, path: str, origin: str) -> bool:
        allowed = self._address.origins
        return path.startswith(_SHARED) and not allowed.isdisjoint({origin, ANYBODY})

    def _with_headers(self, request: Headers, send: Send, *, shared: bool) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_OF_ALL, **self._sharing(request, shared=shared)}.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                headers.add_vary_header("Origin")
                if self._address.secure:
                    headers["Strict-Transport-Security"] = _ONLY_TLS
            await send(message)

        return guarded

    def _sharing(self, request: Headers, *, shared: bool) -> dict[str, str]:
        if not shared:
            return {"Cross-Origin-Resource-Policy": "same-origin"}
        public = ANYBODY in self._address.origins
        return {
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": ANYBODY if public else request["origin"],
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
            "Access-Control-Expose-Headers": "ETag, Location, Retry-After",
            "Access-Control-Max-Age": "600",
        }


def _is_of_a_strange_page(method: str, headers: Headers, own: str) -> bool:
    origins = headers.getlist("origin")
    site = headers.get("sec-fetch-site", "")
    # A form of our own pages sends “null”, since they tell no referrer (Fetch §3.2). A page of
    # others in a sandbox sends it too; Sec-Fetch-Site, which no page sets, tells them apart.
    allowed = {own, "null"} if site == "same-origin" else {own}
    if not allowed.issuperset(origins):
        return True
    if method in _SAFE:
        # A link that a person follows is a navigation: its answer no other page sees.
        navigation = headers.get("sec-fetch-mode") == "navigate"
        return not (site in {"", "none", "same-origin"} or navigation)
    if site:
        return site not in {"none", "same-origin"}
    # Every browser that keeps our cookie sends one of the two with an unsafe request.
    return not origins and f"{SESSION_COOKIE}=" in headers.get("cookie", "")
