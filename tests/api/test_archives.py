"""Archives over HTTP: everything leaves signed after a step-up, is inspected, and taken over."""

import asyncio
import io
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from demo.authenticator import Authenticator
from mnemosyne.kit.crypto.stream import read_header
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase, calibrate
from mnemosyne.memories.model import Draft, Filter
from mnemosyne.safekeeping.archive_format import SealedHeader
from mnemosyne.safekeeping.archive_writing import sealing
from mnemosyne.safekeeping.unsealing import MOST
from tests.api.uploading import finished, named, nothing_is_left
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import FAST, Served, serving

PASSPHRASE = "correct-horse-battery-staple-violin"


class Signed:
    """A person with a passkey, and what they do with archives."""

    def __init__(self, client: httpx.AsyncClient, device: Authenticator) -> None:
        self.client, self.device = client, device

    async def archive(self, passphrase: str | None = None) -> httpx.Response:
        body = {} if passphrase is None else {"passphrase": passphrase}
        return await stepped_up(self.client, self.device, "POST", "/v1/archives", body)


@pytest.fixture
async def ada(served: Served) -> Signed:
    me = served.principal(served.ada)
    await served.node.memories.capture(me, Draft("Walked around the lake."), "k")
    device, client = Authenticator(), served.client()
    await give_passkey(served.node, served.ada.id, device)
    await sign_in(client, device)
    return Signed(client, device)


async def inspected(client: httpx.AsyncClient, content: bytes, **more: str) -> httpx.Response:
    headers = {**named("archive.mnemosyne"), **more}
    return await client.post("/v1/archives/inspect", content=content, headers=headers)


@requirement("serving.downloads")
async def test_an_archive_leaves_after_a_step_up_and_is_what_the_node_signed(
    served: Served, ada: Signed
) -> None:
    made = await ada.archive()
    found = (await inspected(ada.client, made.content)).json()
    entry = (await ada.client.get("/v1/audit/entries", params={"limit": 1})).json()["items"][0]

    assert made.status_code == 200
    assert made.headers["Content-Type"] == "application/zip"
    assert int(made.headers["Receipt-Entry"]) == entry["entry"]
    assert (entry["type"], entry["payload"]) == ("archive", {"sealed": False})
    assert b"Walked around the lake." in made.content
    assert found["whole"] is True
    assert (found["archive"]["person"], found["archive"]["rows"]["memory"]) == ("Ada", 1)
    assert found["problem"] is None
    assert nothing_is_left(served)


async def test_a_sealed_archive_opens_with_its_passphrase_alone(
    served: Served, ada: Signed
) -> None:
    made = await ada.archive(PASSPHRASE)
    without = (await inspected(ada.client, made.content)).json()
    wrong = (
        await inspected(ada.client, made.content, **{"Archive-Passphrase": "another-one"})
    ).json()
    opened = (
        await inspected(ada.client, made.content, **{"Archive-Passphrase": PASSPHRASE})
    ).json()

    assert made.headers["Content-Type"] == "application/octet-stream"
    assert b"Walked" not in made.content
    assert (without["whole"], without["problem"]["code"]) == (False, "archive-sealed")
    assert (wrong["whole"], wrong["problem"]["code"]) == (False, "sealed-file-damaged")
    assert (opened["whole"], opened["archive"]["sealed"]) == (True, True)
    assert nothing_is_left(served)


async def test_a_passphrase_that_can_be_guessed_seals_nothing(served: Served, ada: Signed) -> None:
    refused = await ada.archive("passwordpassword")

    assert (refused.status_code, refused.json()["code"]) == (422, "weak-passphrase")
    assert nothing_is_left(served)


async def test_what_is_no_archive_is_told_and_kept_nowhere(served: Served, ada: Signed) -> None:
    made = (await ada.archive()).content
    for content in (b"", b"PK\3\4", made[:-1], made.replace(b"lake", b"lime")):
        found = (await inspected(ada.client, content)).json()

        assert (found["whole"], found["archive"]) == (False, None)
        assert found["problem"]["status"] in {409, 422}
    assert nothing_is_left(served)


def sealed(cost: Argon2Parameters) -> bytes:
    """Return what is sealed at a cost that its header states."""
    sink = io.BytesIO()
    with sealing(sink, Passphrase(PASSPHRASE), FAST) as writer:
        writer.write(b"no archive")
    before = SealedHeader.model_validate_json(read_header(io.BytesIO(sink.getvalue())))
    header = before.model_copy(update={"argon2": cost}).to_bytes()
    opened = 9 + 4 + len(before.to_bytes())
    return sink.getvalue()[:9] + len(header).to_bytes(4, "big") + header + sink.getvalue()[opened:]


@pytest.mark.parametrize("more", [{"memory_kib": 65_537}, {"lanes": 5}, {"memory_kib": 1_048_576}])
async def test_an_archive_that_asks_for_more_work_than_any_is_left_to_the_shell(
    ada: Signed, more: dict[str, int]
) -> None:
    costly = sealed(replace(MOST, **more))
    found = (await inspected(ada.client, costly, **{"Archive-Passphrase": PASSPHRASE})).json()

    assert (found["problem"]["code"], found["problem"]["status"]) == ("archive-work", 422)
    assert "in the shell" in found["problem"]["hint"]


def test_what_the_shell_seals_with_on_the_fastest_machine_is_not_too_much() -> None:
    assert calibrate(lambda _cost: 0.0) == MOST


async def test_archives_are_unsealed_one_at_a_time_and_keep_no_code_of_recovery_waiting(
    served: Served, ada: Signed
) -> None:
    goes_on, turns = threading.Event(), served.node.unsealing._turns
    before = [asyncio.ensure_future(turns.take(goes_on.wait)) for _ in range(turns._most)]
    await asyncio.sleep(0)
    patient = asyncio.ensure_future(turns.take(threading.get_native_id, patient=True))
    busy = await inspected(ada.client, sealed(FAST), **{"Archive-Passphrase": PASSPHRASE})
    plain = await inspected(ada.client, b"PK\3\4")
    code = await served.client().post("/v1/recovery", json={"code": "AAAA-BBBB-CCCC-DDDD-EEEE"})
    waits = not patient.done()
    goes_on.set()
    await asyncio.gather(*before, patient)
    opened = await inspected(ada.client, sealed(FAST), **{"Archive-Passphrase": PASSPHRASE})

    assert (busy.status_code, busy.json()["code"]) == (503, "busy-now")
    assert busy.headers["Retry-After"] == "10"
    assert (plain.status_code, code.status_code, waits) == (200, 401, True)
    assert opened.json()["problem"]["code"] == "damaged-archive"
    if sys.platform == "linux":
        assert os.getpriority(os.PRIO_PROCESS, patient.result()) > 0
    assert nothing_is_left(served)


async def test_somebody_who_has_nothing_yet_takes_an_archive_over(
    ada: Signed, node_template: Path, tmp_path: Path
) -> None:
    made = (await ada.archive(PASSPHRASE)).content
    headers = {**named("archive.mnemosyne"), "Archive-Passphrase": PASSPHRASE}
    (tmp_path / "elsewhere").mkdir()
    async with serving(node_template, tmp_path / "elsewhere") as elsewhere:
        bob = await elsewhere.as_person(elsewhere.bob)
        answer = await bob.post("/v1/archives/import", content=made, headers=headers)
        done = await finished(bob, answer.json()["id"])
        theirs = await texts(elsewhere)

        assert nothing_is_left(elsewhere)
    assert (answer.status_code, done["kind"], done["state"]) == (202, "archive-import", "done")
    assert done["result"]["rows"]["memory"] == 1
    assert theirs == ["Walked around the lake."]


async def test_an_archive_brings_nobody_what_is_another_persons(
    served: Served, ada: Signed
) -> None:
    made = (await ada.archive()).content
    bob = await served.as_person(served.bob)
    answer = await bob.post("/v1/archives/import", content=made, headers=named("archive.mnemosyne"))
    done = await finished(bob, answer.json()["id"])
    again = await ada.client.post(
        "/v1/archives/import", content=made, headers=named("archive.mnemosyne")
    )
    refused = await finished(ada.client, again.json()["id"])

    assert (answer.status_code, done["kind"]) == (202, "archive-import")
    # Its rows are on this node already, under Ada's name: what is hers is never given to Bob.
    assert (done["state"], done["error"]["code"]) == ("failed", "archive-content")
    assert (await texts(served)) == []
    assert refused["error"]["code"] == "vault-not-empty"
    assert nothing_is_left(served)


async def texts(served: Served) -> list[str]:
    page = await served.node.memories.page(served.principal(served.bob), Filter())
    return [each.content for each in page.items]


async def test_nothing_leaves_without_a_step_up(served: Served, ada: Signed) -> None:
    refused = await ada.client.post("/v1/archives", json={"passphrase": PASSPHRASE})

    assert (refused.status_code, refused.json()["code"]) == (403, "step-up-required")
    assert PASSPHRASE not in refused.text
    assert (await served.client().post("/v1/archives", json={})).status_code == 401
