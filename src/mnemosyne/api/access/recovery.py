"""The way back: a recovery code opens nothing but adding a passkey."""

from typing import Annotated

from fastapi import Request as HttpRequest
from fastapi import Response
from pydantic import Field

from mnemosyne.api.access import session_cookies
from mnemosyne.api.access.ceremony_schemas import CreationOptions
from mnemosyne.api.access.passkeys import NOT_KEPT, AddPasskey
from mnemosyne.api.access.session_cookies import SETS_COOKIE
from mnemosyne.api.access.sessions import STORING, SignedInDocument
from mnemosyne.api.operations import Credential, Node, Operations, Party
from mnemosyne.api.schemas import Request
from mnemosyne.http.admission import RECOVERING, anybody

recovery = Operations("recovery")


class Redemption(Request):
    """A recovery code, in capitals or not, with its dashes or without."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


@recovery.post(
    "/v1/recovery",
    admits=anybody("recovery"),
    refuses=("recovery-code-refused", "busy-now", "read-too-long", *STORING),
    status=201,
    responses={201: {"headers": SETS_COOKIE}},
)
async def redeem_recovery_code(
    given: Redemption, request: HttpRequest, response: Response, node: Node
) -> SignedInDocument:
    """Use a recovery code up. For half an hour this browser may add a passkey, and nothing else."""
    begun = await node.recovery_codes.redeem(
        given.code, session_cookies.device_of(request), session_cookies.session_of(request)
    )
    session_cookies.sign_in(response, begun)
    return SignedInDocument.of(begun)


@recovery.post(
    "/v1/recovery/passkey/options",
    admits=RECOVERING,
    refuses=("not-recovering", "database-busy", "read-too-long"),
    response_model_exclude_unset=True,
)
async def recovery_passkey_options(
    credential: Credential, node: Node, party: Party
) -> CreationOptions:
    """Ask for a challenge to make a passkey for, after a recovery code."""
    options = await node.passkeys.recovery_options(credential, party)
    return CreationOptions.model_validate(options)


@recovery.post(
    "/v1/recovery/passkey",
    admits=RECOVERING,
    refuses=("not-recovering", *NOT_KEPT, *STORING),
    status=201,
    responses={201: {"headers": SETS_COOKIE}},
)
async def add_passkey_recovering(
    given: AddPasskey,
    request: HttpRequest,
    response: Response,
    credential: Credential,
    node: Node,
    party: Party,
) -> SignedInDocument:
    """Keep the passkey; the session turns into one that may do everything."""
    begun = await node.passkeys.recover(
        credential,
        given.answer.model_dump(),
        party,
        name=given.name,
        device=session_cookies.device_of(request),
    )
    session_cookies.sign_in(response, begun)
    return SignedInDocument.of(begun)
