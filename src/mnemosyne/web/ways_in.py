"""The ways in of a person: passkeys, recovery codes, sessions, and what happened to them."""

from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.web import sayings, visitors
from mnemosyne.web.forms import fields_of, led_to
from mnemosyne.web.templates import Templates
from mnemosyne.web.visitors import node_of

if TYPE_CHECKING:
    from mnemosyne.http.address import Address

HOME: Final = "/devices"


class WaysIn:
    """The page of what opens an account, and its plain forms."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def page(self, request: Request) -> Response:
        """List every way in."""
        visitor = await visitors.signed_in(request)
        node, principal = node_of(request), visitor.principal
        passkeys = await node.passkeys.all(principal)
        return self._templates.page(
            "ways_in",
            visitor=visitor,
            told=sayings.done(request),
            passkeys=passkeys,
            current_passkey=principal.credential,
            host=_host(request),
            usable=sum(each.rp_id == _host(request) for each in passkeys),
            codes=await node.recovery_codes.left(principal),
            sessions=await node.sessions.all(principal),
            current=visitor.admitted.id,
            alarms=[sayings.warned(each) for each in await node.alarms.all(principal)],
        )

    async def rename(self, request: Request) -> Response:
        """Call a passkey otherwise."""
        visitor = await visitors.signed_in(request)
        name = (await fields_of(request)).get("name", "")
        await node_of(request).passkeys.rename(
            visitor.principal, request.path_params["passkey"], name
        )
        return led_to(f"{HOME}?done=passkey-renamed")

    async def end_session(self, request: Request) -> Response:
        """End a session of the person."""
        visitor = await visitors.signed_in(request)
        await node_of(request).sessions.revoke(visitor.principal, request.path_params["session"])
        return led_to(f"{HOME}?done=session-ended")

    async def end_others(self, request: Request) -> Response:
        """End every session but this one."""
        visitor = await visitors.signed_in(request)
        await node_of(request).sessions.revoke_others(visitor.principal, visitor.admitted.id)
        return led_to(f"{HOME}?done=others-ended")

    async def see(self, request: Request) -> Response:
        """Note that the person has seen an alarm."""
        visitor = await visitors.signed_in(request)
        await node_of(request).alarms.acknowledge(visitor.principal, request.path_params["alarm"])
        return led_to(f"{HOME}?done=seen")


def _host(request: Request) -> str:
    address: Address = request.app.state.address
    return address.host
