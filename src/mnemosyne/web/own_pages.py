"""A person's own pages beside their ways in: tokens, invitations, account."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.accounts.invitations import WHO_CAN_READ
from mnemosyne.accounts.names import PersonNameError, PersonNameTakenError
from mnemosyne.http.problems import document_of
from mnemosyne.http.statuses import status_of
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.passphrase import MINIMUM_CHARACTERS
from mnemosyne.web import sayings, visitors
from mnemosyne.web.forms import fields_of, led_to
from mnemosyne.web.templates import Templates
from mnemosyne.web.visitors import Visitor, node_of

SCOPES: Final = (
    (Scope.MEMORY_READ, "Read and search your memories"),
    (Scope.MEMORY_WRITE, "Add and change memories"),
)
"""What a token can be given, in words: of what is grantable, that which there is something for."""


class OwnPages:
    """What a person hands out and who they are, with the plain forms of it."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def tokens(self, request: Request) -> Response:
        """List the tokens and offer a new one."""
        visitor = await visitors.signed_in(request)
        node = node_of(request)
        return self._templates.page(
            "tokens",
            visitor=visitor,
            told=sayings.done(request),
            tokens=await node.tokens.all(visitor.principal),
            now=node.clock(),
            scopes=SCOPES,
        )

    async def revoke_token(self, request: Request) -> Response:
        """Let a token be good for nothing."""
        visitor = await visitors.signed_in(request)
        await node_of(request).tokens.revoke(visitor.principal, request.path_params["token"])
        return led_to("/tokens?done=token-revoked")

    async def invitations(self, request: Request) -> Response:
        """List who is invited and who is here, and offer a new invitation."""
        visitor = await visitors.signed_in(request)
        if not visitor.runs_the_node:
            return self._templates.page("only_the_first_invites", 403, visitor=visitor)
        node = node_of(request)
        return self._templates.page(
            "invitations",
            visitor=visitor,
            told=sayings.done(request),
            who_can_read=WHO_CAN_READ,
            invitations=await node.enrolments.all(visitor.principal),
            residents=await node.people.everyone(visitor.principal),
        )

    async def revoke_invitation(self, request: Request) -> Response:
        """Let an invitation be good for nothing."""
        visitor = await visitors.signed_in(request)
        invitation = request.path_params["invitation"]
        await node_of(request).enrolments.revoke(visitor.principal, invitation)
        return led_to("/invitations?done=invitation-revoked")

    async def account(self, request: Request) -> Response:
        """Say who somebody is."""
        visitor = await visitors.signed_in(request)
        return self._account(visitor, told=sayings.done(request))

    async def rename(self, request: Request) -> Response:
        """Call the person something else."""
        visitor = await visitors.signed_in(request)
        name = (await fields_of(request)).get("name", "")
        try:
            await node_of(request).people.rename(visitor.principal, name)
        except (PersonNameError, PersonNameTakenError) as error:
            return self._account(visitor, wanted=name, refused=error)
        return led_to("/account?done=renamed")

    async def restrict(self, request: Request) -> Response:
        """Restrict what is done with what is theirs."""
        visitor = await visitors.signed_in(request)
        await node_of(request).people.restrict(visitor.principal)
        return led_to("/account?done=restricted")

    async def lift(self, request: Request) -> Response:
        """Let processing go on."""
        visitor = await visitors.signed_in(request)
        await node_of(request).people.unrestrict(visitor.principal)
        return led_to("/account?done=lifted")

    def _account(
        self,
        visitor: Visitor,
        *,
        told: str = "",
        wanted: str | None = None,
        refused: MnemosyneError | None = None,
    ) -> Response:
        """Return the page of an account; ``refused`` is why they cannot be called ``wanted``."""
        return self._templates.page(
            "account",
            200 if refused is None else status_of(refused.code),
            visitor=visitor,
            told=told,
            account=visitor.account,
            wanted=visitor.name if wanted is None else wanted,
            refused=None if refused is None else document_of(refused),
            shortest_passphrase=MINIMUM_CHARACTERS,
        )
