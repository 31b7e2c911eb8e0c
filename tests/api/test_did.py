"""One's own DID over HTTP: made, shown, changed and ended by its person alone."""

import json
import logging
from typing import Final

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import restriction
from mnemosyne.accounts import store as accounts
from mnemosyne.kit.principal import Scope
from mnemosyne.kit.vault.phrase import PHRASE_WORDS, parse_phrase
from mnemosyne.kit.vault.slot_errors import WrongKeyError
from mnemosyne.kit.vault.slots import KeySlots
from tests.api.signing_in import ADAS, OTHER, Online, know_phrase, online
from tests.requirements import requirement
from tests.serving import Served

BLOG = {"id": "blog", "type": "LinkedDomains", "endpoint": "https://ada.example/"}


DANGEROUS: Final[list[tuple[str, str, object]]] = [
    ("POST", "/v1/did", {}),
    ("PATCH", "/v1/did", {}),
    ("POST", "/v1/did/rotate", {}),
    ("POST", "/v1/did/deactivate", None),
    ("POST", "/v1/did/end", {"phrase": "x"}),
    ("POST", "/v1/did/confirm", {"newest": "nothing-newer"}),
    ("POST", "/v1/did/recovery", {"phrase": "x"}),
    ("POST", "/v1/did/recovery/rehearse", {"phrase": "x"}),
    ("PUT", "/v1/did/phrase", {"new": "x"}),
]
HOSTILE: Final = [
    b"",
    b"[]",
    b'"x"',
    b'{"phrase": 1}',
    b'{"phrase": null, "phrase": null}',
    b'{"phrase": "\\ud800"}',
    b'{"phrase": "' + b"a " * 400 + b'"}',
    b'{"phrase": "' + b"abandon " * 24 + b'"}',
    b'{"phrase": "one two"}',
    b'{"phrase": "' + b"abandonn " * 24 + b'"}',
    b'{"nothing": {}}',
    b"\xff",
    b"{" * 5_000,
]


@pytest.fixture
async def ada(served: Served) -> Online:
    await know_phrase(served, served.ada, ADAS)
    return await online(served, served.ada)


@pytest.fixture
async def bob(served: Served) -> Online:
    return await online(served, served.bob)


@requirement("identity.over-http")
async def test_a_did_is_made_and_shown(ada: Online) -> None:
    absent = await ada.get("/v1/did")
    made = await ada.with_did()
    again = await ada.dangerous("POST", "/v1/did", {})
    shown = await ada.get("/v1/did")
    kept = await ada.get("/v1/did", If_None_Match=shown.headers["etag"])
    log = (await ada.get("/v1/did/log")).json()

    assert (absent.status_code, absent.json()["code"]) == (404, "did-missing")
    assert made["phrase"] is None  # that of the vault recovers it
    assert made["did"] == shown.json()
    assert (again.status_code, again.json()["code"]) == (409, "did-exists")
    assert shown.json()["document"]["id"] == shown.json()["did"]
    assert (shown.json()["confirmed"], shown.json()["writable"]) == (True, True)
    assert (kept.status_code, kept.content) == (304, b"")
    assert [(each["type"], each["own"]) for each in log["items"]] == [("create", True)]


@requirement("identity.people")
async def test_a_second_person_is_given_their_phrase_once_and_it_opens_no_vault(
    served: Served, ada: Online, bob: Online, caplog: pytest.LogCaptureFixture
) -> None:
    await ada.with_did()
    with caplog.at_level(logging.DEBUG):
        made = await bob.dangerous("POST", "/v1/did", {})

    words = made.json()["phrase"].split()
    phrase = parse_phrase(" ".join(words))
    assert len(words) == PHRASE_WORDS
    assert made.headers["cache-control"] == "no-store"
    assert made.json()["did"]["did"] != (await ada.get("/v1/did")).json()["did"]
    shown = [
        (await bob.get(path)).text
        for path in ("/v1/did", "/v1/did/log", "/v1/account", "/v1/audit/entries")
    ]
    told = " ".join([*shown, caplog.text])
    assert not any(" ".join(words[n : n + 2]) in told for n in range(PHRASE_WORDS - 1))
    kept = await served.node.database.read(lambda tx: accounts.recovery_key_hash(tx, served.bob.id))
    assert kept == phrase.recovery_key_hash(0)
    with pytest.raises(WrongKeyError):
        KeySlots(served.node.lock.home).unlock(phrase)
    rehearsed = await bob.dangerous(
        "POST", "/v1/did/recovery/rehearse", {"phrase": " ".join(words)}
    )
    assert rehearsed.json() == {
        "did": made.json()["did"]["did"],
        "fits": True,
        "opens": False,
    }


async def test_a_phrase_that_is_on_paper_already_can_be_handed_in(bob: Online) -> None:
    fresh = (await bob.post("/v1/did/phrase/new", None)).json()["phrase"]

    made = await bob.dangerous("POST", "/v1/did", {"phrase": fresh})

    assert (made.status_code, made.json()["phrase"]) == (201, None)
    rehearsed = await bob.dangerous("POST", "/v1/did/recovery/rehearse", {"phrase": fresh})
    assert rehearsed.json()["fits"] is True


async def test_another_phrase_than_that_of_the_vault_makes_no_did(ada: Online) -> None:
    refused = await ada.dangerous("POST", "/v1/did", {"phrase": " ".join(OTHER.words)})

    assert (refused.status_code, refused.json()["code"]) == (403, "did-phrase")


@requirement("identity.over-http")
async def test_what_is_one_persons_did_is_nobody_elses(
    served: Served, ada: Online, bob: Online
) -> None:
    before = [await bob.get(path) for path in ("/v1/did", "/v1/did/log")]
    await ada.with_did()
    after = [await bob.get(path) for path in ("/v1/did", "/v1/did/log")]

    assert [each.status_code for each in before] == [404, 404]
    assert [each.json() for each in before] == [each.json() for each in after]
    stranger = served.client()
    for path in ("/v1/did", "/v1/did/log", "/v1/dids"):
        assert (await stranger.get(path)).status_code == 401


@requirement("identity.over-http")
async def test_a_change_is_shown_before_it_is_written(ada: Online) -> None:
    await ada.with_did()
    change = {
        "node_endpoint": "https://node.example/",
        "add_services": [BLOG],
        "also_known_as": ["did:web:ada.example"],
        "mirrors": ["https://mirror.example/"],
    }

    preview = await ada.post("/v1/did/preview", change)
    unchanged = (await ada.get("/v1/did/log")).json()["items"]
    changed = await ada.dangerous("PATCH", "/v1/did", change)

    assert (preview.status_code, preview.json()["did"]) == (200, None)
    assert preview.json()["differences"] == changed.json()["differences"]
    assert len(unchanged) == 1
    mine = changed.json()["did"]
    assert mine["version_id"].startswith("2-")
    assert {each["type"] for each in mine["document"]["service"]} == {
        "MnemosyneNode",
        "LinkedDomains",
    }
    assert mine["mirrors"] == ["https://mirror.example/"]
    page = (await ada.get("/v1/did/log?limit=1")).json()
    rest = (await ada.get(f"/v1/did/log?limit=1&cursor={page['next']}")).json()
    assert [each["number"] for each in (*page["items"], *rest["items"])] == [1, 2]
    assert rest["next"] is None
    public = await ada.served.client().get(f"/1.0/identifiers/{mine['did']}")
    assert public.json()["didDocument"] == mine["document"]


async def test_a_change_that_cannot_be_made_is_told(ada: Online) -> None:
    await ada.with_did()
    for change in (
        {"node_endpoint": "javascript:alert(1)"},
        {"node_endpoint": "http://ada.example"},
        {"add_services": [{**BLOG, "id": "sig-1"}]},
        {"add_services": [{**BLOG, "endpoint": "file:///etc/passwd"}]},
        {"remove_services": ["nothing"]},
        {"mirrors": ["//x"]},
        {"also_known_as": ["\u202eevil"]},
    ):
        refused = await ada.post("/v1/did/preview", change)
        assert (refused.status_code, refused.json()["code"]) == (422, "did-change")


async def test_an_entry_that_nobody_could_read_is_not_written(ada: Online) -> None:
    await ada.with_did()
    far = [f"https://node.example/{number}?{'x' * 1_900}" for number in range(10)]

    refused = await ada.dangerous("PATCH", "/v1/did", {"mirrors": far})

    assert (refused.status_code, refused.json()["code"]) == (422, "did-log")
    assert len((await ada.get("/v1/did/log")).json()["items"]) == 1
    assert (await ada.dangerous("POST", "/v1/did/rotate", {})).status_code == 200


@requirement("identity.over-http")
async def test_keys_are_exchanged_and_those_of_the_node_by_its_first_person_alone(
    ada: Online, bob: Online
) -> None:
    for who in (ada, bob):
        await who.with_did()

    mine = await ada.dangerous("POST", "/v1/did/rotate", {"keys": ["sig", "node"]})
    refused = await bob.dangerous("POST", "/v1/did/rotate", {"keys": ["node"]})
    theirs = (await bob.get("/v1/did")).json()
    named = await bob.dangerous("POST", "/v1/did/rotate", {})

    assert mine.status_code == 200, mine.text
    assert "#sig-2" in {each["what"] for each in mine.json()["differences"]}
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")
    assert theirs["names_node"] is False
    assert named.json()["did"]["names_node"] is True


@requirement("identity.over-http")
async def test_a_did_is_deactivated_and_then_nothing_follows(ada: Online) -> None:
    await ada.with_did()

    ended = await ada.dangerous("POST", "/v1/did/deactivate")
    refused = await ada.dangerous("POST", "/v1/did/rotate", {})
    public = await ada.served.client().get(f"/1.0/identifiers/{ended.json()['did']}")

    assert (ended.status_code, ended.json()["deactivated"]) == (200, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "did-deactivated")
    assert public.status_code == 410


async def test_the_tombstone_takes_the_phrase(ada: Online) -> None:
    await ada.with_did()

    wrong = await ada.dangerous("POST", "/v1/did/end", {"phrase": " ".join(OTHER.words)})
    ended = await ada.dangerous("POST", "/v1/did/end", {"phrase": " ".join(ADAS.words)})
    refused = await ada.dangerous("POST", "/v1/did/recovery", {"phrase": " ".join(ADAS.words)})

    assert (wrong.status_code, wrong.json()["code"]) == (403, "did-phrase")
    assert (ended.status_code, ended.json()["deactivated"]) == (200, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "did-ended")


@requirement("identity.over-http")
async def test_what_is_dangerous_is_confirmed_and_no_script_does_it(
    served: Served, ada: Online
) -> None:
    script = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    for method, path, body in DANGEROUS:
        unconfirmed = await ada.client.request(method, path, json=body)
        scripted = await script.request(method, path, json=body)

        assert (unconfirmed.status_code, unconfirmed.json()["code"]) == (403, "step-up-required")
        assert (scripted.status_code, scripted.json()["code"]) == (403, "session-needed")


async def test_a_restricted_person_changes_nothing_and_still_protects_themself(
    served: Served, ada: Online, bob: Online
) -> None:
    await ada.with_did()

    def restrict(tx: Connection) -> None:
        for who in (served.ada, served.bob):
            restriction.restrict(tx, who.id, served.clock())

    await served.node.database.write(restrict)

    refused = [
        await ada.dangerous("PATCH", "/v1/did", {"add_services": [BLOG]}),
        await bob.dangerous("POST", "/v1/did", {}),
    ]
    rotated = await ada.dangerous("POST", "/v1/did/rotate", {})

    assert {each.json()["code"] for each in refused} == {"processing-restricted"}
    assert rotated.status_code == 200


@requirement("identity.over-http")
async def test_hostile_bodies_are_refused_and_tell_nothing_of_a_phrase(ada: Online) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path, _ in DANGEROUS:
        for body in HOSTILE:
            answer = await ada.client.request(method, path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500, (path, answer.text)
            assert "abandon" not in answer.text


async def test_a_word_that_is_none_is_named_by_its_place_alone(ada: Online) -> None:
    await ada.with_did()
    words = ["abandonn", *["abandon"] * 22, "art"]

    refused = await ada.dangerous("POST", "/v1/did/end", {"phrase": " ".join(words)})

    assert (refused.status_code, refused.json()["code"]) == (422, "phrase-unknown-word")
    assert "abandon" not in json.dumps(refused.json())
