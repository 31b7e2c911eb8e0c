"""Cards over HTTP, and the DIDs that a person knows: nobody else learns whom somebody knows."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mnemosyne.identity.cards import FORMAT, encode
from mnemosyne.kit.principal import Scope
from tests.api.signing_in import ADAS, Online, know_phrase, online
from tests.clock import SetClock
from tests.identity.people import NEW_PHRASE, Someone, someone
from tests.requirements import requirement
from tests.serving import Served
from tests.vaults import copy_file


@dataclass
class Known:
    """A person of this node, and somebody of another one with their card."""

    ada: Online
    mira: Someone
    card: str


async def card_of(who: Someone) -> str:
    return encode(await who.identities.card(who.principal)).decode()


@pytest.fixture
async def known(served: Served, database_template: Path, tmp_path: Path) -> AsyncIterator[Known]:
    await know_phrase(served, served.ada, ADAS)
    ada = await online(served, served.ada)
    path = copy_file(database_template, tmp_path / "mira.db")
    mira = await someone(path, SetClock(), "Mira", NEW_PHRASE)
    await mira.identities.create(mira.principal)
    yield Known(ada, mira, await card_of(mira))
    mira.database.close()


async def test_a_card_is_given_as_a_file_as_codes_and_as_pictures(known: Known) -> None:
    ada = known.ada
    await ada.with_did()
    wanted = {"name": "Ada", "hint": "https://node.example/", "pictures": True}

    card = (await ada.post("/v1/did/card", wanted)).json()
    plain = (await ada.post("/v1/did/card", {})).json()
    refused = await ada.post("/v1/did/card", {"name": "A\u202eda"})

    assert (card["card"]["format"], card["card"]["name"]) == (FORMAT, "Ada")
    assert all(text.startswith("MNEM1:") for text in card["codes"])
    assert len(card["pictures"]) == len(card["codes"])
    assert all(picture.startswith("<svg") for picture in card["pictures"])
    assert "name" not in plain["card"]
    assert plain["pictures"] == []
    assert (refused.status_code, refused.json()["code"]) == (422, "card-text")


@requirement("identity.over-http")
async def test_somebody_is_followed_by_their_card_and_resolves_for_their_follower_alone(
    served: Served, known: Known
) -> None:
    ada, bob = known.ada, await online(served, served.bob)
    did = json.loads(known.card)["did"]
    before = await ada.get(f"/v1/dids/{did}")

    taken = await ada.post("/v1/dids", {"card": known.card, "name": "Mira"})

    assert (before.status_code, before.json()["code"]) == (404, "did-not-resolved")
    assert taken.status_code == 200, taken.text
    assert taken.json()["person"]["name"] == "Mira"
    assert len(taken.json()["fresh"]) == 1
    assert (await ada.get(f"/v1/dids/{did}")).json()["document"]["id"] == did
    page = (await ada.get("/v1/dids")).json()
    assert [each["history"]["did"] for each in page["items"]] == [did]
    stranger = await served.client().get(f"/1.0/identifiers/{did}")
    of_bob = await bob.get(f"/v1/dids/{did}")
    assert stranger.status_code == 404
    assert (of_bob.status_code, of_bob.json()) == (404, before.json())
    assert (await bob.get("/v1/dids")).json() == {"items": [], "next": None}


async def test_a_card_goes_to_a_person_who_is_on_the_list(served: Served, known: Known) -> None:
    ada, bob = known.ada, await online(served, served.bob)
    mira = (await ada.post("/v1/people", {"name": "Mira"})).json()["id"]
    theirs = (await bob.post("/v1/people", {"name": "Mira"})).json()["id"]

    others = await ada.post(f"/v1/people/{theirs}/card", {"card": known.card})
    absent = await ada.post(f"/v1/people/{'0' * 32}/card", {"card": known.card})
    taken = await ada.post(f"/v1/people/{mira}/card", {"card": known.card})

    assert (others.status_code, absent.status_code) == (404, 404)
    assert others.json()["code"] == absent.json()["code"] == "contact-not-found"
    assert others.text.replace(theirs, "x") == absent.text.replace("0" * 32, "x")
    assert taken.json()["person"] == {"id": mira, "name": "Mira"}


async def test_what_a_card_cannot_do_is_told(known: Known) -> None:
    ada = known.ada
    await ada.with_did()
    own = json.dumps((await ada.post("/v1/did/card", {})).json()["card"])
    shown = json.loads(known.card)
    forged = json.dumps({**shown, "log": [{**shown["log"][0], "versionTime": "x"}]})
    bodies = {
        "own-card": {"card": own, "name": "I"},
        "name-length": {"card": known.card},
        "did-log": {"card": forged, "name": "Mira"},
        "bad-card": {"card": "{}", "name": "Mira"},
        "invalid-did": {"card": json.dumps({**shown, "did": "did:mnem:x"}), "name": "Mira"},
        "invalid-request": {"card": "", "name": "Mira"},
    }

    answers = {code: await ada.post("/v1/dids", body) for code, body in bodies.items()}

    assert {code: answer.json()["code"] for code, answer in answers.items()} == {
        code: code for code in bodies
    }
    assert {answer.status_code for answer in answers.values()} <= {409, 422}
    assert (await ada.get("/v1/dids")).json()["items"] == []


async def test_a_deactivated_stranger_is_not_followed_and_a_known_one_is_reported(
    known: Known,
) -> None:
    ada, mira = known.ada, known.mira
    await mira.identities.deactivate(mira.principal)
    ended = await card_of(mira)

    refused = await ada.post("/v1/dids", {"card": ended, "name": "Mira"})
    await ada.post("/v1/dids", {"card": known.card, "name": "Mira"})
    reported = await ada.post("/v1/dids", {"card": ended})

    assert (refused.status_code, refused.json()["code"]) == (409, "did-deactivated")
    assert reported.json()["history"]["deactivated"] is True
    found = (await ada.get(f"/v1/dids/{mira_did(known)}")).json()
    assert found["document"] is None
    assert found["metadata"]["deactivated"] is True


def mira_did(known: Known) -> str:
    return str(json.loads(known.card)["did"])


async def test_a_did_is_resolved_in_every_spelling_or_refused(served: Served, known: Known) -> None:
    ada, bob = known.ada, await online(served, served.bob)
    theirs = (await bob.with_did())["did"]
    script = await served.with_token(served.ada, [Scope.MEMORY_READ])
    key = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    version = theirs["version_id"]

    hosted = await script.get(f"/v1/dids/{theirs['did']}")
    of_a_version = await ada.get(f"/v1/dids/{theirs['did']}?version_id={version}")
    of_a_key = await ada.get(f"/v1/dids/{key}")

    assert hosted.json()["document"] == theirs["document"]
    assert of_a_version.json()["document"] == theirs["document"]
    assert of_a_key.json()["document"]["id"] == key
    for target, status in (
        ("x", 422),
        ("did:mnem:x", 422),
        ("did:web:ada.example", 422),
        ("%00", 422),
        ("%ff", 422),
        ("did%3Amnem%3Abciq" + "a" * 52, 404),
        (f"{theirs['did']}?version_time=yesterday", 422),
        (f"{theirs['did']}?version_id=9-x", 404),
        (f"{theirs['did']}?version_id=1&version_time=2026-01-01T00:00:00Z", 422),
    ):
        answer = await ada.get(f"/v1/dids/{target}")
        assert answer.status_code == status, (target, answer.text)


async def test_pages_of_followed_dids_end(known: Known) -> None:
    await known.ada.post("/v1/dids", {"card": known.card, "name": "Mira"})

    first = (await known.ada.get("/v1/dids?limit=1")).json()
    beyond = (await known.ada.get("/v1/dids?cursor=did:zzz")).json()

    assert (len(first["items"]), first["next"]) == (1, None)
    assert beyond == {"items": [], "next": None}
