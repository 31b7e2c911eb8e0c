"""Behind a proxy, the proxy alone is answered: what comes past it came without its TLS."""

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

from mnemosyne.http.clients import Proxies
from mnemosyne.http.problems import problem, respond


class OnlyProxies:
    """Wrap an application that other machines may reach through named proxies alone."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and not self._may_pass(scope):
            title = "The node is reached through its proxy."
            await respond(problem(403, "past-the-proxy", title))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        peer = scope.get("client")
        # Whoever is on this machine reads no network that others could listen to.
        return peer is None or _is_loopback(peer[0]) or self._proxies.include(peer[0])


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
