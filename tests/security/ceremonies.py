"""Requests that can be made only once, or after another: whole ceremonies over HTTP.

Each takes the world, the callers and the call of the table, and returns the browser that makes the
request (None for nobody in particular) with the request.
"""

import json
from dataclasses import replace
from typing import Any

from demo.authenticator import Authenticator
from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.kit.principal import Principal
from tests.security.callers import Browser, Callers
from tests.security.confirming import confirmed
from tests.security.policy import Call
from tests.security.rows import add_passkey as give_passkey
from tests.security.rows import invited
from tests.security.world import Headers, World
from tests.serving import ADDRESS

Request = tuple[Browser | None, Call]


async def sign_in(world: World, callers: Callers, call: Call) -> Request:
    """Answer the options of a browser with a passkey of Ada's."""
    del callers
    device = Authenticator()
    await give_passkey(world, world.ada, device)
    asked = await world.ask("POST", "/v1/sessions/options")
    cookie = {"Cookie": asked.headers["set-cookie"].partition(";")[0]}
    answer = device.get(asked.json, ADDRESS.origin)
    return None, replace(call, headers=cookie, body={"answer": answer})


async def add_passkey(world: World, callers: Callers, call: Call) -> Request:
    """Make a passkey for options that Ada confirmed."""
    path, ada = "/v1/passkeys/options", callers.ada
    allowed = confirmed(world, ada.session, "POST", path)
    options = await _posted(world, path, ada.headers | allowed)
    return ada, replace(call, body={"answer": Authenticator().create(options, ADDRESS.origin)})


async def enrol(world: World, callers: Callers, call: Call) -> Request:
    """Make the first passkey of somebody invited."""
    del callers
    secret = await invited(world, world.ada)
    options = await _posted(world, "/v1/enrolment/options", {}, {"secret": secret})
    answer = Authenticator().create(options, ADDRESS.origin)
    return None, replace(call, body={"secret": secret, "answer": answer})


async def redeem(world: World, callers: Callers, call: Call) -> Request:
    """Take a fresh recovery code of Ada's."""
    del callers
    codes = await world.node.recovery_codes.generate(Principal.local(world.ada.id))
    return None, replace(call, body={"code": codes[0]})


async def recovering(world: World, callers: Callers, call: Call) -> Request:
    """Be in a browser in which a code of Ada's was redeemed."""
    del callers
    return Browser(*await world.session(world.ada, CredentialKind.RECOVERY)), call


async def add_recovering(world: World, callers: Callers, call: Call) -> Request:
    """Make a passkey after a code was redeemed."""
    browser, _ = await recovering(world, callers, call)
    assert browser is not None
    options = await _posted(world, "/v1/recovery/passkey/options", browser.headers)
    return browser, replace(call, body={"answer": Authenticator().create(options, ADDRESS.origin)})


async def confirm(world: World, callers: Callers, call: Call) -> Request:
    """Confirm an act with a passkey of Ada's."""
    device = Authenticator()
    await give_passkey(world, world.ada, device)
    action: dict[str, Any] = {"method": "GET", "path": "/v1/memories", "query": {}, "body": None}
    path, ada = "/v1/step-up/options", callers.ada
    options = await _posted(world, path, ada.headers, {"action": action})
    answer = device.get(options, ADDRESS.origin)
    return ada, replace(call, body={"action": action, "answer": answer})


async def _posted(world: World, path: str, headers: Headers, body: Any = None) -> Any:  # noqa: ANN401
    sent = b"" if body is None else json.dumps(body).encode()
    answer = await world.ask("POST", path, headers, sent)
    assert answer.status == 200, answer.body
    return answer.json
