"""Load shedding: a guess that would be refused anyway is refused before it costs anything.

Whoever floods the node asks where strangers try secrets. By the time such a request was routed it
has cost several times what its refusal does, and whoever is signed in waits for that.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from mnemosyne.accounts.slow_hashes import BusyNowError
from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits, TooManyRequestsError
from mnemosyne.http.problems import problem_of


class LoadShedding:
    """Wrap the operations: pass on what has a chance, and answer the rest as they would.

    ``rates`` names the rate of each guarded operation by its method and path. Nothing is counted
    here: the operation itself counts what it is given.
    """

    def __init__(
        self,
        app: ASGIApp,
        rates: Mapping[tuple[str, str], str],
        limits: Limits,
        proxies: Proxies,
    ) -> None:
        self._app = app
        self._rates = rates
        self._limits = limits
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app = self._app
        if scope["type"] == "http" and (rate := self._rates.get((scope["method"], scope["path"]))):
            try:
                self._limits[rate].require(self._proxies.client_of(scope))
                self._limits.require_room(rate)
            except (TooManyRequestsError, BusyNowError) as error:
                app = problem_of(error)
        await app(scope, receive, send)
