"""Every address that a person opens, and what answers there."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from mnemosyne.web.entrances import Entrances
from mnemosyne.web.forms import Handler, leading
from mnemosyne.web.knowledge import Knowledge
from mnemosyne.web.leaving import Leaving
from mnemosyne.web.own_pages import OwnPages
from mnemosyne.web.problem_pages import ReadableProblems
from mnemosyne.web.static_files import FOLDER, StaticFiles
from mnemosyne.web.templates import Templates
from mnemosyne.web.ways_in import WaysIn


class Pages:
    """The pages of a node: their routes, and the wrapper that makes its errors readable."""

    def __init__(self) -> None:
        self._static = StaticFiles.of_package()
        self._templates = Templates(self._static)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return a route for each page and each form."""
        return [
            Route(f"{FOLDER}/{{version}}/{{path:path}}", self._static.serve, methods=["GET"]),
            *_entrances(Entrances(self._templates)),
            *_ways_in(WaysIn(self._templates)),
            *_own(OwnPages(self._templates)),
            _page("/account/erasure", Leaving(self._templates).erasure),
            *_knowledge(Knowledge(self._templates)),
        ]

    def readable(self, app: ASGIApp) -> ASGIApp:
        """Return ``app`` with its problems as pages, where a person opens them."""
        return ReadableProblems(app, self._templates)


def web_routes() -> Sequence[BaseRoute]:
    """Return the routes of the pages, to be added to an application of the API."""
    return Pages().routes


def _entrances(doors: Entrances) -> Sequence[BaseRoute]:
    return [
        _page("/", doors.home),
        _page("/sign-in", doors.sign_in),
        _page("/register", doors.register),
        _page("/invite", doors.invite),
        _page("/recover", doors.recover),
        _form("/sign-out", doors.sign_out),
    ]


def _ways_in(ways: WaysIn) -> Sequence[BaseRoute]:
    return [
        _page("/devices", ways.page),
        _form("/devices/passkeys/{passkey}/name", ways.rename),
        _form("/devices/sessions/{session}/end", ways.end_session),
        _form("/devices/sessions/end-others", ways.end_others),
        _form("/devices/alarms/{alarm}/seen", ways.see),
    ]


def _own(own: OwnPages) -> Sequence[BaseRoute]:
    return [
        _page("/tokens", own.tokens),
        _form("/tokens/{token}/revoke", own.revoke_token),
        _page("/invitations", own.invitations),
        _form("/invitations/{invitation}/revoke", own.revoke_invitation),
        _page("/account", own.account),
        _form("/account/name", own.rename),
        _form("/account/restriction", own.restrict),
        _form("/account/restriction/lift", own.lift),
    ]


def _knowledge(knowledge: Knowledge) -> Sequence[BaseRoute]:
    return [
        _page("/reference", knowledge.reference),
        _page("/problems", knowledge.problems),
        _page("/problems/{code}", knowledge.problem),
    ]


def _page(path: str, handler: Handler) -> Route:
    return Route(path, leading(handler), methods=["GET"])


def _form(path: str, handler: Handler) -> Route:
    return Route(path, leading(handler), methods=["POST"])
