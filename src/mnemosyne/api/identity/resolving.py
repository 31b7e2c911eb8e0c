"""The resolver as a part of the node: every address below ``/1.0/`` is its to answer.

It answers as it does alone, its errors too: they are those of DID Resolution 1.0, and no problems
of this node. Before it stand the node's guard and the rate at which strangers may ask.
"""

from typing import Any, Final, NoReturn

from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits, TooManyRequestsError
from mnemosyne.http.problems import problem_of

BELOW: Final = "/1.0/"


class Resolving(BaseRoute):
    """The route to a resolver that nobody else guards."""

    def __init__(self, resolver: ASGIApp, limits: Limits, proxies: Proxies) -> None:
        self._resolver = resolver
        self._limits = limits
        self._proxies = proxies

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match every request below the path, whatever its method: the resolver says which."""
        ours = scope["type"] == "http" and scope["path"].startswith(BELOW)
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:  # noqa: ANN401 - as Starlette's
        """Name no address: links to a resolver are DIDs."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the resolver answer, as often as a stranger may ask."""
        app = self._resolver
        try:
            self._limits["stranger"].take(self._proxies.client_of(scope))
        except TooManyRequestsError as error:
            app = problem_of(error)
        # A copy: the resolver notes itself as the application, which what stands before is not.
        await app({**scope}, receive, send)
