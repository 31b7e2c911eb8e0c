"""Who looks at a page: nobody known, somebody signed in, or somebody who is coming back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.requests import Request

from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    NotSignedInError,
    SessionNeededError,
)
from mnemosyne.accounts.people import Account
from mnemosyne.application import Application
from mnemosyne.http.admission import RECOVERING, admit
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope

if TYPE_CHECKING:
    from mnemosyne.http.clients import Proxies
    from mnemosyne.http.limits import Limits

SIGN_IN: Final = "/sign-in"
RECOVER: Final = "/recover"
# Where one may be led after signing in; an address of somebody else's choice is none of them.
HOMES: Final = frozenset(
    {"/", "/devices", "/tokens", "/invitations", "/account", "/account/erasure"}
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, as every page knows them."""

    admitted: Admitted
    account: Account

    @property
    def principal(self) -> Principal:
        """Return as whom they act."""
        return self.admitted.principal

    @property
    def name(self) -> str:
        """Return what they are called."""
        return self.account.name

    @property
    def runs_the_node(self) -> bool:
        """Whether they may invite others."""
        return Scope.ADMIN in self.principal.scopes


class ElsewhereError(Exception):
    """The page is not for this visitor; ``address`` is where they should go."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def admitted(request: Request) -> Admitted | None:
    """Return whose session a request carries, or None; a token opens no pages.

    Raises:
        TooManyRequestsError: the person, or the address of a stranger, asked too often.
    """
    limits: Limits = request.app.state.limits
    try:
        found = await admit(request, node_of(request), RECOVERING)
    except (NotSignedInError, SessionNeededError):
        proxies: Proxies = request.app.state.proxies
        limits["stranger"].take(proxies.client_of(request.scope))
        return None
    limits["person"].take(found.principal.person)
    return found


async def visitor(request: Request) -> Visitor | None:
    """Return who is signed in, or None; whoever is coming back is not signed in yet.

    Raises:
        TooManyRequestsError: as ``admitted``.
    """
    found = await admitted(request)
    if found is None or found.kind is CredentialKind.RECOVERY:
        return None
    return await _known(request, found)


async def recognised(request: Request) -> Visitor | None:
    """Return who is signed in, for a page that tells them of a refusal: asked once already."""
    try:
        found = await admit(request, node_of(request), RECOVERING)
        return None if found.kind is CredentialKind.RECOVERY else await _known(request, found)
    except MnemosyneError:
        return None


async def signed_in(request: Request) -> Visitor:
    """Return whose page it is.

    Raises:
        ElsewhereError: nobody is signed in, or somebody is only coming back.
        TooManyRequestsError: as ``admitted``.
    """
    found = await admitted(request)
    if found is None:
        asked = request.url.path if request.url.path in HOMES else "/"
        raise ElsewhereError(SIGN_IN if asked == "/" else f"{SIGN_IN}?next={quote(asked, safe='')}")
    if found.kind is CredentialKind.RECOVERY:
        raise ElsewhereError(RECOVER)
    return await _known(request, found)


def home_after(request: Request) -> str:
    """Return where a visitor is led after signing in: one of our own pages, whatever was asked."""
    asked = request.query_params.get("next", "/")
    return asked if asked in HOMES else "/"


def node_of(request: Request) -> Application:
    """Return the node that a request came to."""
    node: Application = request.app.state.node
    return node


async def _known(request: Request, found: Admitted) -> Visitor:
    return Visitor(found, await node_of(request).people.account(found.principal))
