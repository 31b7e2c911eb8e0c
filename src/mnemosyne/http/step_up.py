"""Step-up: a dangerous operation asks for a passkey once more, bound to this very request.

The action of a request is its method, path, query and body as one JSON value; the challenge that a
passkey signs is bound to the SHA-256 of its canonical form (RFC 8785). So what was confirmed is
what is done, once.
"""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any, Final

from mnemosyne.accounts.credentials import Admitted
from mnemosyne.application import Application
from mnemosyne.http.aside import aside
from mnemosyne.http.bodies import StrictRequest
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.errors import MnemosyneError

HEADER: Final = "Step-Up"


class StepUpRequiredError(MnemosyneError):
    """The action has to be confirmed with a passkey."""

    code = "step-up-required"

    def __init__(self) -> None:
        super().__init__(
            "this has to be confirmed with your passkey",
            why="It cannot be undone, or opens a way in.",
            hint="Confirm it with POST /v1/step-up/options and /v1/step-up, naming the method, "
            "path, query and body; send the request again with its secret in the header Step-Up.",
        )


async def require(request: StrictRequest, node: Application, admitted: Admitted) -> None:
    """Spend the confirmation that a request carries for its own action.

    Raises:
        StepUpRequiredError: it carries none.
        StepUpRefusedError: what it carries is spent, too old, or was given for something else.
    """
    secret = request.headers.get(HEADER, "")
    if not secret:
        raise StepUpRequiredError
    action = await action_of(request)
    await node.step_ups.spend(admitted, secret, await aside(partial(hash_of, action)))


async def action_of(request: StrictRequest) -> dict[str, Any]:
    """Return a request as the action that a passkey confirms."""
    body = await request.json() if await request.body() else None
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    return {"method": request.method, "path": request.url.path, "query": query, "body": body}


def hash_of(action: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of an action's canonical form."""
    return sha256(canonical_json(action)).digest()
