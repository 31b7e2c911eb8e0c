"""What the API answers when a use case, the framework, or we ourselves fail."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from mnemosyne.api.complaints import complaints, invalid
from mnemosyne.api.memory.etags import PreconditionRequiredError, is_missing
from mnemosyne.http.problems import of_status, problem, problem_of, respond
from mnemosyne.http.statuses import FAULT, status_of
from mnemosyne.kit.errors import MnemosyneError

_LOG: Final = logging.getLogger(__name__)


def handle_errors(app: FastAPI) -> None:
    """Let ``app`` answer every error with a problem."""
    app.add_exception_handler(MnemosyneError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, MnemosyneError):
        raise error
    if status_of(error.code) == FAULT:
        # The code alone: a message may quote what a person wrote.
        _LOG.error("an operation failed: %s", error.code)
    return problem_of(error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Say where a request differs from its schema, without repeating what it held."""
    del request
    if not isinstance(error, RequestValidationError):
        raise error
    if is_missing(error.errors()):
        return problem_of(PreconditionRequiredError())
    return respond(invalid(complaints(error.errors())))


async def _of_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request.app.routes, request)))
        return of_status(error.status_code, {"Allow": allowed})
    return of_status(error.status_code, error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    """Answer a failure of ours; Starlette raises it again, so that it is logged once and seen."""
    del request, error
    title = "The node failed at this; its operator sees why."
    return respond(problem(FAULT, "internal-error", title))


def _methods(routes: Sequence[BaseRoute], request: Request) -> set[str]:
    """Return what any route of this path takes: the framework names the first one's alone."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found
