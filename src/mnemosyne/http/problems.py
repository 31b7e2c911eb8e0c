"""Errors as RFC 9457 problem details: a type that has a page, and the words of the error itself."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from mnemosyne.http.statuses import status_of
from mnemosyne.http.wordings import worded
from mnemosyne.kit.errors import MnemosyneError

MEDIA_TYPE: Final = "application/problem+json"
PAGES: Final = "/problems/"
"""Below this path each code has a page that says what it means and what to do."""
_OF_THE_FRAMEWORK: Final = {
    404: ("no-such-page", "There is nothing at this address."),
    405: ("method-not-allowed", "This address takes other methods."),
}


def problem_of(error: MnemosyneError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells of one of our own errors."""
    more = getattr(error, "headers", {})
    return respond(document_of(error), {**more, **(headers or {})})


def document_of(error: MnemosyneError) -> dict[str, Any]:
    """Return an error as the members of a problem; ``headers`` and ``members`` are its extras."""
    title, detail, hint = worded(error)
    document: dict[str, Any] = {
        "type": PAGES + error.code,
        "code": error.code,
        "title": title,
        "status": status_of(error.code),
    }
    if detail:
        document["detail"] = detail
    if hint:
        document["hint"] = hint
    return document | getattr(error, "members", {})


def problem(
    status: int, code: str, title: str, *, detail: str = "", **members: object
) -> dict[str, Any]:
    """Return a problem of HTTP itself, which no use case raised."""
    document = {"type": PAGES + code, "code": code, "title": title, "status": status}
    return document | ({"detail": detail} if detail else {}) | members


def respond(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that carries a problem; nobody keeps it."""
    body = json.dumps(document, ensure_ascii=True).encode("ascii")
    more = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, int(document["status"]), more, MEDIA_TYPE)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for a status that the framework itself decided on."""
    phrase = HTTPStatus(status).phrase
    code = phrase.lower().replace(" ", "-").replace("'", "")
    code, title = _OF_THE_FRAMEWORK.get(status, (code, f"{phrase}."))
    return respond(problem(status, code, title), headers)
