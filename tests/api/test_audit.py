"""The record over HTTP: entries, reads, checkpoints, receipts, and what contradicts them."""

import json

import httpx
import pytest

from mnemosyne.api.memory.uploads import OCTETS
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.model import Draft, Filter
from tests.serving import Served


@pytest.fixture
async def ada(served: Served) -> httpx.AsyncClient:
    me = served.principal(served.ada)
    for number in range(3):
        captured = await served.node.memories.capture(me, Draft(f"note {number}"), f"k{number}")
        reader = Principal(me.person, me.scopes, "0" * 32, "http")
        await served.node.reads.record(reader, "get", [captured.memory.id])
    return await served.as_person(served.ada)


async def test_the_record_is_read_page_by_page(ada: httpx.AsyncClient) -> None:
    acts = (await ada.get("/v1/audit/entries")).json()
    every = (await ada.get("/v1/audit/entries", params={"reads": "true"})).json()
    pages: list[object] = []
    cursor: dict[str, str] = {}
    while True:
        page = (
            await ada.get("/v1/audit/entries", params={"reads": "true", "limit": 2, **cursor})
        ).json()
        pages += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert [each["type"] for each in acts["items"]] == ["init"]
    assert [each["type"] for each in every["items"]] == ["read", "read", "read", "init"]
    assert pages == every["items"]
    assert (acts["next"], every["next"]) == (None, None)


async def test_who_read_a_memory_is_told(served: Served, ada: httpx.AsyncClient) -> None:
    page = await served.node.memories.page(Principal.local(served.ada.id), Filter())
    first = page.items[0].id
    every = (await ada.get("/v1/audit/reads", params={"limit": 2})).json()
    rest = (await ada.get("/v1/audit/reads", params={"cursor": every["next"]})).json()
    one = (await ada.get("/v1/audit/reads", params={"memory": first})).json()["items"]
    none = (await ada.get("/v1/audit/reads", params={"memory": "0" * 32})).json()["items"]

    assert [each["how"] for each in every["items"] + rest["items"]] == [
        "list",
        "get",
        "get",
        "get",
    ]
    assert [each["how"] for each in one] == ["list", "get"]
    assert none == []


async def test_a_checkpoint_and_an_export_are_compared_with_the_record(
    ada: httpx.AsyncClient,
) -> None:
    checkpoint = (await ada.get("/v1/audit/checkpoint")).content
    export = await ada.get("/v1/audit/export")
    headers = {"Content-Type": OCTETS}
    alone = (await ada.post("/v1/audit/verification")).json()
    both = [
        (await ada.post("/v1/audit/comparison", content=content, headers=headers)).json()
        for content in (checkpoint, export.content)
    ]
    changed = json.loads(checkpoint) | {"leaves": "A" * 172}
    other = await ada.post(
        "/v1/audit/comparison", content=json.dumps(changed).encode(), headers=headers
    )
    garbage = await ada.post("/v1/audit/comparison", content=b"\xff", headers=headers)

    assert export.headers["Content-Type"] == "application/jsonl"
    assert len(export.content.splitlines()) == 5
    assert alone["whole"] is True
    for found in both:
        assert found["whole"] is True
        assert found["record"]["compared"][0]["agrees"] is True
    assert other.json()["whole"] is False
    assert garbage.json()["problem"]["code"] == "unreadable-evidence"
    assert garbage.json()["record"] is None


async def test_a_receipt_proves_itself(ada: httpx.AsyncClient) -> None:
    receipt = (await ada.get("/v1/audit/entries/1/receipt")).json()
    proven = (await ada.post("/v1/audit/receipt-check", json=receipt)).json()
    changed = receipt | {"entry": receipt["entry"][:-4] + "AAAA"}
    refused = (await ada.post("/v1/audit/receipt-check", json=changed)).json()
    nothing = (await ada.post("/v1/audit/receipt-check", json={})).json()
    absent = await ada.get("/v1/audit/entries/99/receipt")

    assert proven["valid"] is True
    assert (proven["entry"]["entry"], proven["entry"]["type"]) == (1, "init")
    assert (refused["valid"], refused["signer"]) == (False, None)
    assert refused["problem"]["code"]
    assert nothing["problem"]["code"] == "malformed-receipt"
    assert (absent.status_code, absent.json()["code"]) == (404, "entry-not-found")


async def test_the_record_of_somebody_else_is_not_to_be_seen(
    served: Served, ada: httpx.AsyncClient
) -> None:
    mine = (await ada.get("/v1/audit/checkpoint")).json()
    bob = await served.as_person(served.bob)
    receipts = [await bob.get(f"/v1/audit/entries/{number}/receipt") for number in (2, 999)]

    assert (await bob.get("/v1/audit/reads")).json()["items"] == []
    assert (await bob.get("/v1/audit/checkpoint")).json() != mine
    assert [each.status_code for each in receipts] == [404, 404]
    token = await served.with_token(served.ada, [Scope.MEMORY_READ])
    for path in ("entries", "reads", "checkpoint", "export", "entries/1/receipt"):
        assert (await token.get(f"/v1/audit/{path}")).json()["code"] == "session-needed"
        assert (await served.client().get(f"/v1/audit/{path}")).status_code == 401
