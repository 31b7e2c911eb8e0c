"""A vault behind the resolver: which of its DIDs strangers see, and what they may add."""

import asyncio
import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mnemosyne.application import Application
from mnemosyne.entrypoints.resolving import resolver
from mnemosyne.identity.cards import Card
from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.identity.refusals import NoDidError
from mnemosyne.kit.principal import Principal
from tests.cli.conftest import Made, environment, made_vault, vault
from tests.cli.services import with_services
from tests.clock import SetClock
from tests.requirements import requirement

__all__ = ["environment", "made_vault", "vault"]


def get(url: str, target: str) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@requirement("identity.resolver")
def test_strangers_see_the_dids_of_this_node_and_not_whom_a_person_follows(
    vault: Made, clock: SetClock
) -> None:
    examples = Examples(clock)
    followed = examples.history(examples.active)

    async def work(app: Application) -> None:
        me = Principal.local(app.person.id)
        mine = await app.identities.create(me)
        await app.following.accept(me, Card(followed.did, followed.entries), "Grace")
        async with resolver(app, clock, 0, []) as served:
            own = await asyncio.to_thread(get, served.url, f"/1.0/identifiers/{mine.did}")
            theirs = await asyncio.to_thread(get, served.url, f"/1.0/identifiers/{followed.did}")
            nobody = await asyncio.to_thread(get, served.url, f"/1.0/identifiers/{UNKNOWN}")
            log = await asyncio.to_thread(get, served.url, f"/1.0/mnem/{followed.did}/log.jsonl")

        assert json.loads(own[1])["didDocument"] == mine.history.document
        assert theirs == nobody
        assert theirs[0] == log[0] == 404
        assert await app.identities.find(me, followed.did) is not None

    with_services(vault, clock, work)


def test_a_person_without_a_did_has_nothing_to_serve(vault: Made, clock: SetClock) -> None:
    async def work(app: Application) -> None:
        with pytest.raises(NoDidError):
            async with resolver(app, clock, 0, []):
                pass

    with_services(vault, clock, work)
