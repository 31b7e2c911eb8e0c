"""What plain forms do: read the fields, act, and lead on to a page with a GET."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mnemosyne.http.bodies import StrictRequest
from mnemosyne.web.visitors import ElsewhereError

FORM: Final = "application/x-www-form-urlencoded"
_LARGEST: Final = 16 * 1024  # bytes; a form here is a name
_MOST_FIELDS: Final = 20
Handler = Callable[[Request], Awaitable[Response]]


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last of each name.

    Raises:
        MediaTypeError: it is no form of ours; a page elsewhere can send text and files.
        BodyTooLargeError: it is longer than any of ours.
    """
    strict = StrictRequest(request.scope, request.receive, _LARGEST)
    strict.require_media_type(FORM)
    async with strict.form(max_fields=_MOST_FIELDS, max_files=0) as form:
        found = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    return dict(found)


def leading(handler: Handler) -> Handler:
    """Let ``handler`` lead a visitor elsewhere by raising, so that it reads from top to bottom."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except ElsewhereError as error:
            return led_to(error.address)

    return handle


def led_to(address: str) -> RedirectResponse:
    """Return the answer that leads a visitor on with a GET."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
