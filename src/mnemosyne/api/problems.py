"""Errors of HTTP itself as RFC 9457 writes them; those of resolution stand inside its results."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer of ``status`` that says why; one without content stays empty."""
    more = {"Cache-Control": "no-store", **(headers or {})}
    if not detail:
        return Response(status_code=status, headers=more)
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body = json.dumps(document | {"detail": detail}).encode("ascii")
    return Response(body, status, more, MEDIA_TYPE)
