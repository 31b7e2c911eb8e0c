"""DID resolution over HTTP: the binding of DID Resolution 1.0 §12, and the logs of did:mnem.

Each route translates: a path, a query and an ``Accept`` header into a call of the resolver, and
what it returns into a status, a media type and a body.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mnemosyne.api.identity import answers
from mnemosyne.api.identity.hosted import HostedLogs
from mnemosyne.api.identity.logs import Logs
from mnemosyne.http.address import Loopback
from mnemosyne.http.clients import Proxies
from mnemosyne.http.guard import Guard
from mnemosyne.http.limits import Limits
from mnemosyne.http.problems import of_status
from mnemosyne.identity.resolution import Resolver, Unresolved
from mnemosyne.identity.resolution_options import LONGEST_VALUE, check_value
from mnemosyne.identity.resolving_errors import ErrorType, Problem, ProblemError
from mnemosyne.identity.syntax import LONGEST_URL
from mnemosyne.kit.clock import Clock

_IDENTIFIERS: Final = "/1.0/identifiers/"
_MOST_PARAMETERS: Final = 16
# What belongs to a DID URL, wherever a client writes it; the rest are options.
_OF_THE_URL: Final = ("service", "serviceType", "relativeRef", "hint", "hl")
_Pairs = list[tuple[str, str]]


def resolver_app(hosted: HostedLogs, clock: Clock, address: Loopback | None = None) -> ASGIApp:
    """Return the resolver as an application of its own, guarded."""
    return Guard(unguarded(hosted, clock, Limits(clock)), address or Loopback())


def unguarded(
    hosted: HostedLogs, clock: Clock, limits: Limits, proxies: Proxies | None = None
) -> ASGIApp:
    """Return the resolver for whoever guards it, alone or as a part of more."""
    routes = _routes(hosted, clock, limits, proxies)
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refused, Exception: _failed})
    app.router.redirect_slashes = False

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        methods = _asked_for(routes, scope)
        answer = Response(status_code=204, headers={"Allow": methods}) if methods else app
        await answer(scope, receive, send)

    return answering


def _asked_for(routes: Sequence[Route], scope: Scope) -> str:
    """Return the methods that an OPTIONS asks for; nothing for any other request."""
    if scope["type"] != "http" or scope["method"] != "OPTIONS":
        return ""
    found: set[str] = set()
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found | {"OPTIONS"})) if found else ""


def _routes(
    hosted: HostedLogs, clock: Clock, limits: Limits, proxies: Proxies | None
) -> Sequence[Route]:
    identifiers = Identifiers(Resolver(hosted.find, clock))
    logs = Logs(hosted, limits, proxies)
    resolving = Route(_IDENTIFIERS + "{identifier:path}", identifiers.get, methods=["GET"])
    # A line feed is no part of a DID, and is told so like everything else that is none.
    resolving.path_regex = re.compile(resolving.path_regex.pattern, re.DOTALL)
    return (
        resolving,
        Route("/1.0/mnem/{did}/log.jsonl", logs.log, methods=["GET"]),
        Route("/1.0/mnem/{did}/witness.json", logs.receipts, methods=["GET"]),
        Route("/1.0/mnem/{did}/log", logs.submit, methods=["POST"]),
    )


class Identifiers:
    """Resolve what a path names, a DID or a DID URL, in the form that a client prefers."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def get(self, request: Request) -> Response:
        """Answer a GET or HEAD."""
        identifier, as_url = "", False
        try:
            identifier = _identifier(request)
            options, parameters, accept = _sorted(request)
            identifier = _with_parameters(identifier, parameters)
            as_url = any(sign in identifier for sign in "/?#")
            if as_url:
                found = await self._resolver.dereference(identifier, options)
            else:
                found = await self._resolver.resolve(identifier, options)
        except ProblemError as error:
            found, accept = Unresolved(error.problem), _accepted(request)
        return answers.answer(found, accept, request.headers, as_url=as_url)


def _identifier(request: Request) -> str:
    """Return the DID or DID URL of the path, decoded once and strictly."""
    raw = request.scope.get("raw_path") or quote(request.scope["path"]).encode("ascii")
    _, _, encoded = raw.partition(_IDENTIFIERS.encode("ascii"))
    try:
        return unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(ErrorType.INVALID_DID, "The path is not UTF-8.") from error


def _sorted(request: Request) -> tuple[_Pairs, _Pairs, str]:
    """Return the query as options, parameters of a DID URL, and what is accepted.

    ``accept`` is an option of resolution that belongs into the header; where a client writes it
    into the query, it is taken from there.
    """
    try:
        query = request.scope["query_string"].decode("ascii")
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:
        message = f"The query is not up to {_MOST_PARAMETERS} options, in UTF-8."
        raise ProblemError(ErrorType.INVALID_OPTIONS, message) from error
    for name, value in pairs:
        check_value(name, value, longest=LONGEST_URL if name in _OF_THE_URL else LONGEST_VALUE)
    accepted = [value for name, value in pairs if name == "accept"]
    if len(accepted) > 1:
        raise ProblemError(ErrorType.INVALID_OPTIONS, "accept is given twice.")
    options = [pair for pair in pairs if pair[0] not in _OF_THE_URL and pair[0] != "accept"]
    parameters = [pair for pair in pairs if pair[0] in _OF_THE_URL]
    return options, parameters, accepted[0] if accepted else _accepted(request)


def _accepted(request: Request) -> str:
    return ", ".join(request.headers.getlist("accept"))


def _with_parameters(identifier: str, parameters: _Pairs) -> str:
    if not parameters:
        return identifier
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters)
    before, sign, fragment = identifier.partition("#")
    joined = f"{before}{'&' if '?' in before else '?'}{query}"
    return joined + sign + fragment


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    return of_status(error.status_code, error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    """Answer a failure of ours; Starlette raises it again, so that it is logged once and seen."""
    del error
    failure = Problem(ErrorType.INTERNAL_ERROR, "The resolver failed; its operator sees why.")
    return answers.answer(Unresolved(failure), "", request.headers, as_url=False)
