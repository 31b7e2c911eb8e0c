"""Erase over HTTP: shown before, confirmed with a passkey, proven after."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from sqlalchemy import Connection, text

from demo.authenticator import Authenticator
from mnemosyne.audit.service import verify_receipt
from tests.api.remembering import code_of, remember
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import Served


@requirement("serving.erase")
async def test_an_erase_is_previewed_confirmed_and_proven(served: Served) -> None:
    ada, device = await _with_a_passkey(served)
    one, two = [(await remember(ada, f"Number {each}."))["id"] for each in range(2)]
    body = {"memories": [one, two]}

    preview = (await ada.post("/v1/erasure-preview", json=body)).json()
    unconfirmed = await ada.post("/v1/erasures", json=body)
    still_there = await ada.get(f"/v1/memories/{one}")
    done = await stepped_up(ada, device, "POST", "/v1/erasures", body)
    later = await ada.get(done.headers["location"])
    gone = await ada.get(f"/v1/memories/{one}")
    bob = await served.as_person(served.bob)
    foreign = await bob.get(done.headers["location"])
    absent = await bob.get("/v1/erasures/" + "0" * 32)

    erased = done.json()
    assert preview["memories"] == [one, two]
    assert preview["copies"]["texts, each once in full text"] == 2
    assert code_of(unconfirmed) == (403, "step-up-required")
    assert still_there.status_code == 200
    assert (done.status_code, erased["state"], erased["count"]) == (200, "erased", 2)
    assert verify_receipt(erased["receipt"]) == served.node.vault.node_key.fingerprint
    assert (later.json()["state"], later.json()["count"]) == ("erased", 2)
    assert later.json()["receipt_entry"] == erased["receipt_entry"]
    assert code_of(gone) == (404, "memory-not-found")
    assert code_of(foreign) == code_of(absent) == (404, "erasure-not-found")


async def test_an_erase_is_under_way_while_somebody_reads_the_old_pages(served: Served) -> None:
    ada, device = await _with_a_passkey(served)
    body = {"memories": [(await remember(ada, "Number one."))["id"]]}

    async with _reader(served):
        begun = await stepped_up(ada, device, "POST", "/v1/erasures", body)
        meanwhile = await ada.get(begun.headers["location"])
        overview = (await ada.get("/v1/overview")).json()
    await served.node.dispatcher.drain(5)
    after = await ada.get(begun.headers["location"])

    assert (begun.status_code, begun.json()["state"]) == (202, "erasing")
    assert begun.json()["receipt"] is None
    assert meanwhile.json()["state"] == "erasing"
    assert overview["erasing"] == 1
    assert after.json()["state"] == "erased"
    assert after.json()["receipt"]["format"] == "mnemosyne-receipt/2"


async def test_the_bin_is_emptied_if_it_holds_what_was_seen(served: Served) -> None:
    ada, device = await _with_a_passkey(served)
    for each in range(2):
        await ada.delete(f"/v1/memories/{(await remember(ada, f'Number {each}.'))['id']}")
    kept = await remember(ada, "Kept.")

    changed = await stepped_up(ada, device, "POST", "/v1/bin/empty", {"expected": 1})
    done = await stepped_up(ada, device, "POST", "/v1/bin/empty", {"expected": 2})

    assert code_of(changed) == (409, "bin-changed")
    assert done.json()["count"] == 2
    assert (await ada.get("/v1/bin")).json()["items"] == []
    assert (await ada.get(f"/v1/memories/{kept['id']}")).status_code == 200


async def _with_a_passkey(served: Served) -> tuple[httpx.AsyncClient, Authenticator]:
    device, browser = Authenticator(), served.client()
    await give_passkey(served.node, served.ada.id, device)
    await sign_in(browser, device)
    return browser, device


@asynccontextmanager
async def _reader(served: Served) -> AsyncIterator[None]:
    """Hold a snapshot of the file, as another process that reads it would."""
    begun, end = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        tx.execute(text("SELECT count(*) FROM person")).scalar_one()
        begun.set()
        end.wait()

    reading = asyncio.ensure_future(served.node.database.read(hold))
    await asyncio.to_thread(begun.wait)
    try:
        yield
    finally:
        end.set()
        await reading
