"""The doors: where a visitor starts, signs in, registers, joins, comes back, and leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.invitations import WHO_CAN_READ
from mnemosyne.application import Application
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.web import sayings, visitors
from mnemosyne.web.forms import led_to
from mnemosyne.web.templates import Templates
from mnemosyne.web.visitors import ElsewhereError, Visitor, node_of

_FEW_CODES: Final = 3
_CODES: Final = "/devices#recovery-codes-left"


@dataclass(frozen=True, slots=True)
class Step:
    """Something worth doing next."""

    address: str
    words: str
    why: str


class Entrances:
    """The pages that anybody can open, and home."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def home(self, request: Request) -> Response:
        """Say where a person is and what to do next."""
        visitor = await visitors.signed_in(request)
        node = node_of(request)
        alarms = [sayings.warned(each) for each in await node.alarms.all(visitor.principal)]
        codes = await node.recovery_codes.left(visitor.principal)
        return self._templates.page(
            "home",
            visitor=visitor,
            told=sayings.done(request),
            alarms=alarms,
            codes=codes,
            restricted_since=visitor.account.restricted_since,
            steps=await _steps(node, visitor),
        )

    async def sign_in(self, request: Request) -> Response:
        """Ask for a passkey; whoever is signed in is led on."""
        then = visitors.home_after(request)
        if await visitors.visitor(request) is not None:
            raise ElsewhereError(then)
        told = sayings.done(request)
        return self._templates.page("sign_in", visitor=None, then=then, told=told)

    async def register(self, request: Request) -> Response:
        """Let somebody with a one-time link make a first passkey."""
        return await self._register(request, invited=False)

    async def invite(self, request: Request) -> Response:
        """Let somebody who is invited join."""
        return await self._register(request, invited=True)

    async def recover(self, request: Request) -> Response:
        """Ask for a recovery code; after that, for a new passkey."""
        found = await visitors.admitted(request)
        if found is not None and found.kind is CredentialKind.SESSION:
            raise ElsewhereError("/devices")
        return self._templates.page("recover", visitor=None, recovering=found is not None)

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser."""
        found = await visitors.admitted(request)
        if found is not None:
            await node_of(request).sessions.sign_out(found)
        left = led_to(f"{visitors.SIGN_IN}?done=signed-out")
        left.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return left

    async def _register(self, request: Request, *, invited: bool) -> Response:
        visitor = await visitors.visitor(request)
        return self._templates.page(
            "register", visitor=visitor, invited=invited, who_can_read=WHO_CAN_READ
        )


async def _steps(node: Application, visitor: Visitor) -> Sequence[Step]:
    """Return what is worth doing next, the most urgent first."""
    principal = visitor.principal
    steps = []
    left = (await node.recovery_codes.left(principal)).left
    if not await node.recovery_codes.set_up(principal):
        why = "Without them a lost device locks you out. A new set is shown once; the old one is "
        why += "worth nothing then."
        steps.append(Step(_CODES, "End your set-up: make recovery codes and keep them", why))
    elif left < _FEW_CODES:
        why = f"Of your recovery codes {left} {'is' if left == 1 else 'are'} left."
        steps.append(Step(_CODES, "Make new recovery codes", why))
    if len(await node.passkeys.all(principal)) == 1:
        why = "You have one. If its device is lost, only a recovery code lets you in."
        steps.append(Step("/devices#passkeys", "Add a second passkey", why))
    why = "Scripts and assistants are let in by name, each for what you say."
    steps.append(Step("/tokens", "Give a program a token", why))
    if visitor.runs_the_node:
        why = "Each person of a node sees only their own."
        steps.append(Step("/invitations", "Invite somebody", why))
    return steps
