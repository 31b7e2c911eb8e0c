"""Pages to look things up in: the reference of the API, and what each error means."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.http.unchanging import Once, Unchanging
from mnemosyne.web import visitors
from mnemosyne.web.messages import Message, in_groups, messages
from mnemosyne.web.openapi_reading import common_of, nouns_of, schemas_of
from mnemosyne.web.templates import VARYING, Templates

# Where the reference says how an act is confirmed: the noun of these operations.
_STEPS_UP: Final = "step-up"


@dataclass(frozen=True, slots=True)
class _Reference:
    """The reference: what stands in it, and the whole page as strangers see it."""

    text: Markup
    page: Unchanging


class Knowledge:
    """Pages that are the same for everybody, read from what the code says of itself."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._reference: Once[_Reference] | None = None
        self._messages: Mapping[str, Message] | None = None

    async def reference(self, request: Request) -> Response:
        """Show every operation of the API; to strangers it is the same page each time."""
        visitor = await visitors.visitor(request)
        described: Once[Mapping[str, Any]] = request.app.state.described
        document = await described.get()
        if self._reference is None:
            self._reference = Once(partial(self._made, document))
        made = await self._reference.get()
        if visitor is None:
            return made.page.answer(request, VARYING)
        return self._templates.page("reference", visitor=visitor, wide=True, text=made.text)

    async def problems(self, request: Request) -> Response:
        """List every error."""
        visitor = await visitors.visitor(request)
        return self._templates.page("messages", visitor=visitor, groups=in_groups(self._all()))

    async def problem(self, request: Request) -> Response:
        """Say what one error means and what to do."""
        visitor = await visitors.visitor(request)
        message = self._all().get(request.path_params["code"])
        if message is None:
            raise HTTPException(404)
        return self._templates.page("message", visitor=visitor, message=message)

    def _made(self, document: Mapping[str, Any]) -> _Reference:
        nouns = nouns_of(document)
        text = self._templates.text(
            "reference_text",
            about=document["info"]["description"],
            version=document["info"]["version"],
            nouns=nouns,
            common=[self._all()[code] for code in common_of(nouns)],
            schemas=schemas_of(document),
            steps_up=_STEPS_UP,
        )
        page = self._templates.text(
            "reference", page="reference", visitor=None, wide=True, text=text
        )
        return _Reference(text, Unchanging.of(page.encode("utf-8"), "text/html"))

    def _all(self) -> Mapping[str, Message]:
        # Read when first asked: by then every module with an error class has been imported.
        if self._messages is None:
            self._messages = messages()
        return self._messages
