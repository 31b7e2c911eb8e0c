"""Somebody in a browser, with a passkey at hand for what is dangerous."""

from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from sqlalchemy import Connection

from demo.authenticator import Authenticator
from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.kit.vault.phrase import Phrase, parse_phrase
from tests.passkeys import give_passkey, stepped_up
from tests.serving import Served

ADAS: Final = parse_phrase("abandon " * 23 + "art")
OTHER: Final = parse_phrase("zoo " * 23 + "vote")


@dataclass
class Online:
    """Somebody who is signed in, and the device that confirms."""

    served: Served
    who: Person
    client: httpx.AsyncClient
    device: Authenticator = field(default_factory=Authenticator)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=named)

    async def post(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(path, json=body)

    async def dangerous(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send what has to be confirmed, and confirm it."""
        return await stepped_up(self.client, self.device, method, path, body)

    async def with_did(self) -> dict[str, Any]:
        """Make the DID of this person and return what was answered."""
        made = await self.dangerous("POST", "/v1/did", {})
        assert made.status_code == 201, made.text
        return dict(made.json())


async def online(served: Served, who: Person) -> Online:
    """Let somebody sign in."""
    found = Online(served, who, await served.as_person(who))
    await give_passkey(served.node, who.id, found.device)
    return found


async def know_phrase(served: Served, who: Person, phrase: Phrase) -> None:
    """Let the node keep the hash of a phrase, as `init` does for the first person."""

    def keep(tx: Connection) -> None:
        accounts.set_recovery_key_hash(tx, who.id, phrase.recovery_key_hash(0))

    await served.node.database.write(keep)
