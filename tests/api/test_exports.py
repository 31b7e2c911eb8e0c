"""Exports over HTTP: a selection leaves whole, recorded, and bounded in memory; or not at all."""

import json

import httpx
import pytest

from mnemosyne.accounts import restriction
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.model import Draft
from tests.api.uploading import nothing_is_left
from tests.api.wire import Wire
from tests.requirements import requirement
from tests.serving import Served


@pytest.fixture
async def ada(served: Served) -> httpx.AsyncClient:
    me = served.principal(served.ada)
    for number, text in enumerate(("Walked around the lake.", "Repaired a bicycle.")):
        await served.node.memories.capture(me, Draft(text, tags=(f"n{number}",)), f"k{number}")
    await served.node.dispatcher.drain(60)
    return await served.as_person(served.ada)


@requirement("serving.downloads")
async def test_a_selection_leaves_as_json_lines(served: Served, ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/v1/exports", json={})
    lines = [json.loads(each) for each in answer.content.splitlines()]
    (entry,) = (await ada.get("/v1/audit/entries", params={"limit": 1})).json()["items"]

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="memories.jsonl"'
    assert answer.headers["Memories-Written"] == "2"
    assert answer.headers["Memories-Held-Back"] == "0"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert {each["content"] for each in lines} == {
        "Walked around the lake.",
        "Repaired a bicycle.",
    }
    assert entry["type"] == "export"
    assert entry["channel"] == "http"
    assert entry["payload"] == {"form": "jsonl", "redacted": False, "written": 2}
    assert nothing_is_left(served)


async def test_it_is_narrowed_and_written_as_markdown(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/v1/exports", json={"tag": "n1", "format": "markdown"})
    none = await ada.post("/v1/exports", json={"tag": "nowhere"})

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "Repaired a bicycle." in answer.text
    assert "lake" not in answer.text
    assert (none.status_code, none.content) == (200, b"")


async def test_secrets_stay_or_leave_masked(served: Served, ada: httpx.AsyncClient) -> None:
    secret = "password: Tr0ub4dor&3xyzzy"
    me = served.principal(served.ada)
    await served.node.memories.capture(me, Draft(f"The router, {secret}"), "k9")
    await served.node.dispatcher.drain(60)
    kept = await ada.post("/v1/exports", json={})
    masked = await ada.post("/v1/exports", json={"redact": True})

    assert (kept.headers["Memories-Written"], kept.headers["Memories-Held-Back"]) == ("2", "1")
    assert (masked.headers["Memories-Written"], masked.headers["Memories-Held-Back"]) == ("3", "0")
    assert "Tr0ub4dor" not in kept.text + masked.text


async def test_a_token_that_may_read_exports_only_what_is_its_persons(
    served: Served, ada: httpx.AsyncClient
) -> None:
    del ada
    bob = await served.with_token(served.bob, [Scope.MEMORY_READ])
    writer = await served.with_token(served.ada, [Scope.MEMORY_WRITE])

    assert (await bob.post("/v1/exports", json={})).content == b""
    assert (await writer.post("/v1/exports", json={})).json()["code"] == "missing-scope"
    assert (await served.client().post("/v1/exports", json={})).status_code == 401


async def test_whoever_restricted_processing_still_takes_theirs_out(
    served: Served, ada: httpx.AsyncClient
) -> None:
    at = served.clock()
    await served.node.database.write(lambda tx: restriction.restrict(tx, served.ada.id, at))

    assert (await ada.post("/v1/exports", json={})).headers["Memories-Written"] == "2"


@requirement("serving.downloads")
async def test_a_client_that_goes_away_while_it_is_made_cancels_it(
    served: Served, ada: httpx.AsyncClient
) -> None:
    headers = {"Content-Type": "application/json"}
    async with Wire(served.app, ada, "POST", "/v1/exports", **headers) as wire:
        wire.give(b"{}")
        wire.hang_up()
        status = await wire.status()
    entries = (await ada.get("/v1/audit/entries")).json()["items"]

    assert status == 400
    assert "export" not in {each["type"] for each in entries}
    assert served.node.jobs._held_rooms.total() == 0
    assert nothing_is_left(served)


@requirement("serving.downloads")
async def test_a_client_that_goes_away_while_it_is_sent_leaves_nothing(
    served: Served, ada: httpx.AsyncClient
) -> None:
    headers = {"Content-Type": "application/json"}
    async with Wire(served.app, ada, "POST", "/v1/exports", **headers) as wire:
        wire.may_send.clear()
        wire.give(b"{}")
        while nothing_is_left(served):  # so the test sees a spool where there is one
            await served.node.database.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
        wire.may_send.set()
        status = await wire.status()
        wire.hang_up()
        await wire.ended()

    assert status == 200
    assert served.node.jobs._held_rooms.total() == 0
    assert nothing_is_left(served)


@requirement("serving.downloads", "erase.person")
async def test_nothing_more_is_sent_of_somebody_who_is_erased_meanwhile(served: Served) -> None:
    me = served.principal(served.bob)
    await served.node.memories.capture(me, Draft("Nobody is to read this any more."), "k")
    bob = await served.as_person(served.bob)
    headers = {"Content-Type": "application/json"}
    async with Wire(served.app, bob, "POST", "/v1/exports", **headers) as wire:
        wire.may_send.clear()
        wire.give(b'{"redact": true}')
        while (await served.node.audit.entries(me, limit=1))[0].type != "export":
            continue
        await served.node.person_erasure.erase(me)
        wire.may_send.set()
        await wire.status()
        sent = await wire.piece()

    assert int(wire.headers[b"content-length"]) > 0
    assert sent == b""
    assert nothing_is_left(served)


async def test_what_is_being_made_for_somebody_who_is_erased_is_cancelled(served: Served) -> None:
    me = served.principal(served.bob)
    bob = await served.as_person(served.bob)
    headers = {"Content-Type": "application/json"}
    async with Wire(served.app, bob, "POST", "/v1/exports", **headers) as wire:
        wire.give(b"{}")
        while nothing_is_left(served):
            await served.node.database.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
        served.node.jobs.stop(me.person)  # as an erase does once the rows are gone
        status = await wire.status()
        said = json.loads(await wire.piece())

    assert (status, said["code"]) == (409, "record-gone")
    assert "export" not in {each.type for each in await served.node.audit.entries(me)}


async def test_so_many_leave_at_once_and_no_more(served: Served, ada: httpx.AsyncClient) -> None:
    rooms = [served.node.jobs.room(served.ada.id) for _ in range(4)]
    for room in rooms:
        room.__enter__()
    refused = await ada.post("/v1/exports", json={})
    for room in rooms:
        room.__exit__(None, None, None)

    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-jobs")
    assert (await ada.post("/v1/exports", json={})).status_code == 200
