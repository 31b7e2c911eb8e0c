"""Passkeys for tests: devices that can be bent out of shape, and whole ceremonies over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from demo.authenticator import Authenticator, Credential
from mnemosyne.accounts import enrolments
from mnemosyne.accounts.credentials import RelyingParty
from mnemosyne.accounts.enrolling import Enrolled, Enrolling
from mnemosyne.accounts.enrolments import EnrolmentKind
from mnemosyne.http.step_up import HEADER
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from tests.serving import ADDRESS


@dataclass
class Bent(Authenticator):
    """An authenticator, or the browser around it, that lies in one way or several."""

    kind: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    host: str = ""
    challenge: str = ""
    origin: str = ""
    handle: bytes | None = None

    def client_data(self, kind: str, challenge: str, origin: str) -> bytes:
        """Say what the test wants it to say."""
        stated = json.loads(
            super().client_data(
                self.kind or kind, self.challenge or challenge, self.origin or origin
            )
        )
        return json.dumps(stated | self.said).encode()

    def data(self, used: Credential, flags: int, attested: bytes = b"") -> bytes:
        """Speak of another host where the test wants that."""
        real = used.rp_id
        used.rp_id = self.host or real
        try:
            return super().data(used, flags, attested)
        finally:
            used.rp_id = real


class Enrols(Protocol):
    """What lets somebody have a first passkey: a node, or the services of a test."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def enrolling(self) -> Enrolling: ...


async def give_passkey(
    node: Enrols,
    person: Identifier,
    device: Authenticator,
    party: RelyingParty = ADDRESS.relying_party,
) -> Enrolled:
    """Let ``device`` make a passkey of somebody, as a link from the shell lets them."""
    at = node.clock()

    def add(tx: Any) -> str:  # noqa: ANN401 - a connection
        return enrolments.add(tx, EnrolmentKind.LINK, person, "", at)[1]

    secret = await node.database.write(add)
    options = await node.enrolling.options(secret, "", party)
    answer = device.create(options, party.origin)
    return await node.enrolling.enrol(secret, "", answer, party)


async def sign_in(client: httpx.AsyncClient, device: Authenticator) -> httpx.Response:
    """Sign in with a passkey of ``device``; the client keeps its cookies."""
    options = (await client.post("/v1/sessions/options")).json()
    answer = device.get(options, ADDRESS.origin)
    return await client.post("/v1/sessions", json={"answer": answer})


async def confirmation(
    client: httpx.AsyncClient, device: Authenticator, action: Mapping[str, Any]
) -> dict[str, str]:
    """Confirm an action with ``device`` and return the header that lets it through."""
    asked = await client.post("/v1/step-up/options", json={"action": action})
    answer = device.get(asked.raise_for_status().json(), ADDRESS.origin)
    given = await client.post("/v1/step-up", json={"action": action, "answer": answer})
    return {HEADER: given.raise_for_status().json()["secret"]}


async def stepped_up(
    client: httpx.AsyncClient,
    device: Authenticator,
    method: str,
    path: str,
    body: object = None,
) -> httpx.Response:
    """Send a dangerous request, confirm it once it was refused, and send it again."""
    refused = await _send(client, method, path, body)
    assert refused.json()["code"] == "step-up-required", refused.text
    url = httpx.URL(path)
    query = {name: url.params.get_list(name) for name in url.params}
    action = {"method": method, "path": url.path, "query": query, "body": body}
    return await _send(client, method, path, body, await confirmation(client, device, action))


async def _send(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    body: object,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    if body is None:
        return await client.request(method, path, headers=headers)
    return await client.request(method, path, headers=headers, json=body)
