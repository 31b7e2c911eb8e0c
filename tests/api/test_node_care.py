"""The care for a node over HTTP: its keys, its doctor, and its vectors."""

import httpx
import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts import restriction
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.memories.model import Draft
from tests.api.uploading import finished
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import Served

PASSPHRASE = Passphrase("correct-horse-battery-staple-violin")
FAST = Argon2Parameters(memory_kib=64, passes=1, lanes=1)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def admin(served: Served, device: Authenticator) -> httpx.AsyncClient:
    client = served.client()
    await give_passkey(served.node, served.ada.id, device)
    await sign_in(client, device)
    return client


@requirement("serving.node-care")
async def test_ways_in_are_listed_and_closed_but_for_the_last(
    served: Served, admin: httpx.AsyncClient, device: Authenticator
) -> None:
    added = await served.node.keys.add(served.principal(served.ada), PASSPHRASE, FAST)
    listed = (await admin.get("/v1/keys")).json()["items"]
    closed = await stepped_up(admin, device, "DELETE", f"/v1/keys/{added.id}")
    absent = await stepped_up(admin, device, "DELETE", f"/v1/keys/{added.id}")
    (left,) = (await admin.get("/v1/keys")).json()["items"]
    last = await stepped_up(admin, device, "DELETE", f"/v1/keys/{left['id']}")

    assert {each["kind"] for each in listed} == {"key-file", "passphrase"}
    assert closed.status_code == 200
    assert closed.json()["removed"]["id"] == added.id
    assert "still open" in closed.json()["statement"]
    assert (absent.status_code, absent.json()["code"]) == (404, "slot-missing")
    assert (last.status_code, last.json()["code"]) == (409, "last-slot")


@requirement("serving.node-care")
async def test_the_key_of_the_node_is_rotated(
    admin: httpx.AsyncClient, device: Authenticator
) -> None:
    (before,) = (await admin.get("/v1/node-keys")).json()["items"]
    made = await stepped_up(admin, device, "POST", "/v1/node-keys")
    after = (await admin.get("/v1/node-keys")).json()["items"]

    assert made.status_code == 201
    assert made.json()["previous"] == before
    assert after == [before, made.json()["current"]]


@requirement("serving.node-care")
async def test_the_doctor_examines_repairs_and_checks_the_records(
    served: Served, admin: httpx.AsyncClient, device: Authenticator
) -> None:
    me = served.principal(served.ada)
    await served.node.memories.capture(me, Draft("Walked around the lake."), "k")
    examining = await admin.post("/v1/doctor/examinations")
    examined = await finished(admin, examining.json()["id"])
    repairing = await stepped_up(admin, device, "POST", "/v1/doctor/repairs")
    repaired = await finished(admin, repairing.json()["id"])
    checking = await admin.post("/v1/doctor/records")
    records = await finished(admin, checking.json()["id"])

    assert {each.status_code for each in (examining, repairing, checking)} == {202}
    assert examined["result"]["healthy"] is True
    assert {each["severity"] for each in examined["result"]["findings"]} <= {"ok", "warn"}
    assert repaired["result"]["indexed"] == 1
    assert records["result"]["whole"] is True
    assert records["result"]["records"]


async def test_missing_vectors_are_asked_for(served: Served, admin: httpx.AsyncClient) -> None:
    me = served.principal(served.ada)
    await served.node.memories.capture(me, Draft("Walked around the lake."), "k")
    waiting = (await admin.get("/v1/reindexing")).json()
    asked = await admin.post("/v1/reindexing", json={})
    at = served.clock()
    await served.node.database.write(lambda tx: restriction.restrict(tx, served.ada.id, at))
    refused = await admin.post("/v1/reindexing", json={"again": True})

    assert waiting == {"waiting": 1, "given_up": 0}
    assert asked.status_code == 202
    assert asked.json() == {"missing": 0, "waiting": 1, "given_up": 0}  # there are no weights
    assert (refused.status_code, refused.json()["code"]) == (409, "processing-restricted")


async def test_a_script_that_writes_asks_for_its_own_vectors_and_not_for_everybodys(
    served: Served,
) -> None:
    script = await served.with_token(served.bob, [Scope.MEMORY_WRITE])
    everybodys = await script.post("/v1/reindexing", json={"again": True})

    assert (await script.post("/v1/reindexing", json={})).status_code == 202
    assert (everybodys.status_code, everybodys.json()["code"]) == (403, "missing-scope")


@requirement("serving.node-care")
async def test_only_who_runs_the_node_and_confirms_it_may(
    served: Served, admin: httpx.AsyncClient
) -> None:
    bob = await served.as_person(served.bob)
    token = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    confirmed = [
        ("DELETE", f"/v1/keys/{'0' * 32}"),
        ("POST", "/v1/node-keys"),
        ("POST", "/v1/doctor/repairs"),
    ]
    plain = [
        ("GET", "/v1/keys"),
        ("POST", "/v1/doctor/examinations"),
        ("POST", "/v1/doctor/records"),
    ]
    for method, path in confirmed + plain:
        for client, code in ((bob, "missing-scope"), (token, "session-needed")):
            refused = await client.request(method, path)
            assert (refused.status_code, refused.json()["code"]) == (403, code), path
        assert (await served.client().request(method, path)).status_code == 401
    for method, path in confirmed:
        assert (await admin.request(method, path)).json()["code"] == "step-up-required"
