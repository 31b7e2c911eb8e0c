"""Operations of the API: each says whom it admits and how it can refuse, and both are kept.

Admission comes before a byte of the body is read; a route that says nothing about it cannot be
written. What an operation refuses with becomes the documented statuses, so that the OpenAPI
document is true without anybody writing it twice.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from mnemosyne.accounts.credentials import (
    Admitted,
    CredentialKind,
    NotSignedInError,
    RelyingParty,
    SessionNeededError,
)
from mnemosyne.api.schemas import Problem
from mnemosyne.application import Application
from mnemosyne.http import step_up
from mnemosyne.http.address import Address
from mnemosyne.http.admission import STRANGER, Admits, admit, stepped_up
from mnemosyne.http.bodies import JSON, LARGEST, StrictRequest
from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits
from mnemosyne.http.problems import MEDIA_TYPE
from mnemosyne.http.statuses import STATUSES
from mnemosyne.kit.principal import MissingScopeError, Principal

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_ALWAYS: Final = (
    "misdirected-request",
    "cross-site",
    "address-too-long",
    "too-many-requests",
    "invalid-request",
)
_OF_A_BODY: Final = (
    "malformed-json",
    "body-cut-off",
    "body-stalled",
    "body-too-large",
    "unsupported-media-type",
)


class Operations:
    """The operations of one noun."""

    def __init__(self, noun: str) -> None:
        self.router = APIRouter(tags=[noun])

    def get(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401 - see `add`
        """Declare a GET."""
        return self._method("GET", path, **how)

    def post(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401 - see `add`
        """Declare a POST."""
        return self._method("POST", path, **how)

    def put(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401 - see `add`
        """Declare a PUT."""
        return self._method("PUT", path, **how)

    def patch(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401 - see `add`
        """Declare a PATCH."""
        return self._method("PATCH", path, **how)

    def delete(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401 - see `add`
        """Declare a DELETE."""
        return self._method("DELETE", path, **how)

    def _method(self, method: str, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:  # noqa: ANN401
        def declare(endpoint: Endpoint) -> Endpoint:
            self.add(method, path, endpoint, **how)
            return endpoint

        return declare

    def add(  # noqa: PLR0913 - what a route has to say of itself
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        admits: Admits,
        refuses: Sequence[str] = (),
        status: int = 200,
        largest_body: int = LARGEST,
        media_type: str = JSON,
        responses: Mapping[int | str, dict[str, Any]] | None = None,
        **more: Any,  # noqa: ANN401 - what FastAPI takes for a route
    ) -> None:
        """Declare an operation.

        ``refuses`` names the codes of the errors it can answer with; ``largest_body`` is in bytes;
        ``media_type`` is what a body has to be, an empty text where it may be anything; one that is
        no JSON is read by the endpoint itself.
        ``responses`` documents answers beside the usual one and the problems.
        """
        codes = [*_ALWAYS, *refuses]
        if not admits.public:
            codes += ["not-signed-in", "missing-scope"]
        if admits.guarded:
            codes.append("busy-now")
        if admits.step_up:
            codes += ["step-up-required", "step-up-refused"]
        if admits.for_people:
            codes.append("session-needed")
        if method in {"POST", "PUT", "PATCH"}:
            codes += _OF_A_BODY
        self.router.add_api_route(
            path,
            endpoint,
            methods=[method],
            status_code=status,
            operation_id=endpoint.__name__,
            responses={**_problems(codes), **(responses or {})},
            openapi_extra={**_admission(admits), **_body(media_type)},
            route_class_override=_route(admits, largest_body, media_type),
            **more,
        )


class NamedRoute(APIRoute):
    """A route with names in its path, which never stand for an address that is an operation's own.

    Without that ``PATCH /v1/passkeys/options`` would ask for a passkey called “options”.
    """

    admits: Admits
    others: frozenset[str] = frozenset()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any route does, but for addresses of others."""
        if scope.get("path") in self.others:
            return Match.NONE, {}
        return super().matches(scope)


def keep_apart(routes: Iterable[BaseRoute]) -> None:
    """Let no name in the path of a route stand for the whole address of another."""
    named = [route for route in routes if isinstance(route, NamedRoute)]
    literal = frozenset(route.path for route in named if "{" not in route.path)
    for route in named:
        if "{" in route.path:
            route.others = literal


def guarded(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], str]:
    """Return the rate of each operation at which strangers try secrets, by its method and path."""
    return {
        (method, route.path): route.admits.limit
        for route in routes
        if isinstance(route, NamedRoute) and route.admits.guarded
        for method in route.methods or ()
    }


def _route(admits: Admits, largest: int, media_type: str) -> type[APIRoute]:
    class Operation(NamedRoute):
        """A route that admits before it reads."""

        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()
            takes_json = self.body_field is not None and media_type == JSON

            async def handle(request: Request) -> Response:
                strict = StrictRequest(request.scope, request.receive, largest)
                await _admitted(strict, admits)
                if takes_json:
                    await _read(strict)
                elif media_type not in {JSON, ""}:
                    strict.require_media_type(media_type)
                if admits.step_up:
                    await _stepped_up(strict)
                if admits.guarded:
                    with request.app.state.limits.room(admits.limit):
                        return await inner(strict)
                return await inner(strict)

            return handle

    Operation.admits = admits
    return Operation


async def _admitted(request: StrictRequest, admits: Admits) -> None:
    """Let a request in and count it: by who it is of, and by its address where nobody is known."""
    limits: Limits = request.app.state.limits
    proxies: Proxies = request.app.state.proxies
    if admits.public:
        limits[admits.limit].take(proxies.client_of(request.scope))
        return
    try:
        admitted = await admit(request, request.app.state.node, admits)
    except (NotSignedInError, MissingScopeError, SessionNeededError):
        limits[STRANGER].take(proxies.client_of(request.scope))
        raise
    request.state.admitted = admitted
    if admitted.kind is CredentialKind.TOKEN:
        limits["token"].take(admitted.id)
    limits["person"].take(admitted.principal.person)
    if admits.limit != STRANGER:
        limits[admits.limit].take(admitted.principal.person)


async def _read(request: StrictRequest) -> None:
    if await request.body():
        request.require_media_type(JSON)
        await request.json()


async def _stepped_up(request: StrictRequest) -> None:
    await step_up.require(request, request.app.state.node, request.state.admitted)
    request.state.admitted = stepped_up(request.state.admitted)


def _problems(codes: Sequence[str]) -> dict[int | str, dict[str, Any]]:
    """Return the documented answers for errors of these codes."""
    found: dict[int, list[str]] = {}
    for code in codes:
        named = found.setdefault(STATUSES[code], [])
        if code not in named:
            named.append(code)
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        status: {
            "description": ", ".join(f"`{code}`" for code in named),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, named in sorted(found.items())
    }


def _admission(admits: Admits) -> dict[str, Any]:
    if admits.public:
        return {"security": []}
    scopes = [] if admits.scope is None else [str(admits.scope)]
    # OpenAPI 3.1 §4.8.30: for other types than oauth2, the roles that are required.
    ways: list[dict[str, list[str]]] = [{"session": scopes}]
    if not admits.for_people:
        ways.append({"token": scopes})
    return {"security": ways, "x-step-up": admits.step_up}


# Coroutines, though they wait for nothing: FastAPI runs plain functions in threads of their own.
async def _credential(request: Request) -> Admitted:
    admitted: Admitted = request.state.admitted
    return admitted


def _body(media_type: str) -> dict[str, Any]:
    """Document a body that an endpoint reads itself."""
    if media_type in {JSON, ""}:
        return {}
    bytes_of_it = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": {media_type: bytes_of_it}}}


async def _caller(request: Request) -> Principal:
    return (await _credential(request)).principal


async def _node(request: Request) -> Application:
    node: Application = request.app.state.node
    return node


async def _party(request: Request) -> RelyingParty:
    address: Address = request.app.state.address
    return address.relying_party


Caller = Annotated[Principal, Depends(_caller)]
"""Who calls, with the scopes of their credential."""
Credential = Annotated[Admitted, Depends(_credential)]
Node = Annotated[Application, Depends(_node)]
Party = Annotated[RelyingParty, Depends(_party)]
