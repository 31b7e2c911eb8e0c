"""Confirm a dangerous act with a passkey: the request that is going to be sent, word for word."""

from typing import Annotated, Any, Final

from pydantic import Field

from mnemosyne.accounts.challenges import LIFETIME
from mnemosyne.api.access.ceremony_schemas import AuthenticationAnswer, RequestOptions
from mnemosyne.api.operations import Credential, Node, Operations, Party
from mnemosyne.api.schemas import Document, Request
from mnemosyne.http.admission import needs
from mnemosyne.http.aside import aside
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.http.step_up import HEADER, hash_of
from mnemosyne.kit.principal import Scope

step_up = Operations("step-up")
_SIGNED_IN = needs(Scope.ACCOUNT_MANAGE, limit="step_up")
_MOST: Final = 256
"""Parameters of a query, and values of each: more do not fit into an address."""
_SECONDS = int(LIFETIME.total_seconds())


class Action(Request):
    """A request as it will be sent: every query parameter with its values, and the JSON body."""

    method: str = Field(max_length=16)
    path: str = Field(max_length=2_048)
    query: dict[str, Annotated[list[str], Field(max_length=_MOST)]] = Field(
        default={}, max_length=_MOST
    )
    body: Any = None

    def hash(self) -> bytes:
        """Return what the challenge is bound to; a large body takes a while."""
        return hash_of(self.model_dump())


class ActionToConfirm(Request):
    """What is to be confirmed."""

    action: Action


class Confirmation(Request):
    """The same action once more, and what a passkey answered to its options."""

    action: Action
    answer: AuthenticationAnswer


class ConfirmedDocument(Document):
    """What lets the very action through, once, when it is sent along."""

    secret: str = Field(description=f"Send it as the header “{HEADER}”.")
    expires_in: int = Field(default=_SECONDS, description="Seconds.")


@step_up.post(
    "/v1/step-up/options",
    admits=_SIGNED_IN,
    largest_body=LARGEST_TEXTS,  # an action holds the body of what it confirms
    refuses=("session-needed", "database-busy", "read-too-long"),
    response_model_exclude_unset=True,
)
async def step_up_options(
    given: ActionToConfirm, credential: Credential, node: Node, party: Party
) -> RequestOptions:
    """Ask for a challenge that confirms this action alone, by one of your passkeys."""
    action = await aside(given.action.hash)
    return RequestOptions.model_validate(await node.step_ups.options(credential, action, party))


@step_up.post(
    "/v1/step-up",
    admits=_SIGNED_IN,
    largest_body=LARGEST_TEXTS,
    refuses=("session-needed", "step-up-refused", "database-busy", "storage-full"),
    status=201,
)
async def confirm_step_up(
    given: Confirmation, credential: Credential, node: Node, party: Party
) -> ConfirmedDocument:
    """Confirm an action with a passkey; what this gives is good for five minutes and one use."""
    action = await aside(given.action.hash)
    secret = await node.step_ups.confirm(credential, action, given.answer.model_dump(), party)
    return ConfirmedDocument(secret=secret)
