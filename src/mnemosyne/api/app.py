"""The node as one ASGI application: operations, the resolver's paths, and what others add."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mnemosyne.api import openapi
from mnemosyne.api.access.account import account
from mnemosyne.api.access.alarms import alarms
from mnemosyne.api.access.enrolment import enrolment
from mnemosyne.api.access.invitations import invitations
from mnemosyne.api.access.passkeys import passkeys
from mnemosyne.api.access.recovery import recovery
from mnemosyne.api.access.recovery_codes import recovery_codes
from mnemosyne.api.access.residents import residents
from mnemosyne.api.access.sessions import sessions
from mnemosyne.api.access.step_up import step_up
from mnemosyne.api.access.tokens import tokens
from mnemosyne.api.errors import handle_errors
from mnemosyne.api.health import health
from mnemosyne.api.identity.did import did
from mnemosyne.api.identity.did_recovery import did_recovery
from mnemosyne.api.identity.dids import dids
from mnemosyne.api.identity.resolver import unguarded
from mnemosyne.api.identity.resolving import Resolving
from mnemosyne.api.jobs import jobs
from mnemosyne.api.keeping.archives import archives
from mnemosyne.api.keeping.audit import audit
from mnemosyne.api.keeping.backups import backups
from mnemosyne.api.keeping.doctor import doctor
from mnemosyne.api.keeping.keys import keys
from mnemosyne.api.memory.bin import bin_
from mnemosyne.api.memory.captures import captures
from mnemosyne.api.memory.contacts import contacts
from mnemosyne.api.memory.erasures import erasures
from mnemosyne.api.memory.exports import exports
from mnemosyne.api.memory.imports import imports
from mnemosyne.api.memory.memories import memories
from mnemosyne.api.memory.overview import overview
from mnemosyne.api.memory.reindexing import reindexing
from mnemosyne.api.memory.revisions import revisions
from mnemosyne.api.memory.search import search
from mnemosyne.api.memory.timeline import timeline
from mnemosyne.api.operations import Operations, guarded, keep_apart
from mnemosyne.application import Application
from mnemosyne.http.address import Address
from mnemosyne.http.admission import STRANGER
from mnemosyne.http.clients import Proxies
from mnemosyne.http.guard import Guard
from mnemosyne.http.limits import Limits
from mnemosyne.http.shedding import LoadShedding
from mnemosyne.http.unchanging import Once

DISTRIBUTION: Final = "mnemosyne-protocol"
# FastAPI traces and counts requests of itself, and exports that where the environment says so.
_NOTHING_IS_TOLD: Final = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)
NO_PROXIES: Final = Proxies()
NOUNS: Final[Sequence[Operations]] = (
    health,
    memories,
    captures,
    revisions,
    timeline,
    search,
    bin_,
    erasures,
    contacts,
    did,
    did_recovery,
    dids,
    overview,
    account,
    residents,
    tokens,
    invitations,
    enrolment,
    sessions,
    passkeys,
    recovery,
    recovery_codes,
    step_up,
    alarms,
    imports,
    exports,
    archives,
    backups,
    jobs,
    audit,
    keys,
    doctor,
    reindexing,
)
"""Every operation there is."""


def node_app(
    node: Application,
    address: Address,
    limits: Limits,
    proxies: Proxies = NO_PROXIES,
    pages: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """Return the node's application, guarded; ``pages`` are routes of other transports."""
    app = api_app(node, address, limits, proxies)
    app.router.routes.extend(pages)
    return Guard(LoadShedding(app, guarded(app.router.routes), limits, proxies), address)


@cache
def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document, which is the same for every node; it takes a second to make."""
    routes = [route for noun in NOUNS for route in noun.router.routes]
    return openapi.described(routes, version(DISTRIBUTION))


def api_app(
    node: Application, address: Address, limits: Limits, proxies: Proxies = NO_PROXIES
) -> FastAPI:
    """Return the operations of the API without the guard before them."""
    app = FastAPI(
        title="Mnemosyne",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=_NOTHING_IS_TOLD,
    )
    app.state.node, app.state.address = node, address
    app.state.limits, app.state.proxies = limits, proxies
    handle_errors(app)
    for noun in NOUNS:
        app.router.routes.extend(noun.router.routes)
    keep_apart(app.router.routes)
    resolver = unguarded(node.hosting, node.clock, limits, proxies)
    app.router.routes.append(Resolving(resolver, limits, proxies))

    described = Once(openapi_document)
    written = Once(lambda: openapi.written(openapi_document()))

    async def document(request: Request) -> Response:
        limits[STRANGER].take(proxies.client_of(request.scope))
        await described.get()
        return (await written.get()).answer(request)

    app.state.described = described  # for the reference page
    app.add_route("/openapi.json", document, methods=["GET"], include_in_schema=False)
    return app
