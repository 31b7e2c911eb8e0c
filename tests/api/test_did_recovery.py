"""Recovery over HTTP: the phrase in a body, a restored vault, rivals, and another phrase."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection

from mnemosyne.identity import authoring, store
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import lines
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault.keyring import private_key
from mnemosyne.kit.vault.phrase import Phrase, generate_phrase
from tests.api.signing_in import ADAS, OTHER, Online, know_phrase, online
from tests.requirements import requirement
from tests.serving import Served


def spoken(phrase: Phrase) -> str:
    return " ".join(phrase.words)


@pytest.fixture
async def ada(served: Served) -> Online:
    await know_phrase(served, served.ada, ADAS)
    found = await online(served, served.ada)
    await found.with_did()
    return found


async def rival_of(who: Online) -> Entry:
    """Write a rival with the hot keys of somebody, as a thief of the open vault does."""
    mine = await who.served.node.identities.mine(who.served.principal(who.who))

    def stolen(tx: Connection) -> list[SigningKey]:
        mine_only = private_key.c.owner == who.who.id
        rows = tx.execute(private_key.select().where(private_key.c.kind == "hot", mine_only))
        return [SigningKey(bytes(row.private)) for row in rows]

    keys = await who.served.node.database.read(stolen)
    promised = set(mine.history.head.parameters.next_key_hashes or ())
    signer = next(k for k in keys if key_hash(encode_multikey(k.public)) in promised)
    return authoring.update(
        mine.history,
        signer,
        next_key_hashes=[key_hash(encode_multikey(SigningKey(bytes(range(32))).public))],
        document=mine.history.document or {},
        time=who.served.clock().replace(microsecond=0),
    )


async def pushed(served: Served, did: str, entries: Sequence[Entry]) -> int:
    answer = await served.client().post(
        f"/1.0/mnem/{did}/log",
        content=lines(entries),
        headers={"Content-Type": "application/jsonl"},
    )
    return answer.status_code


async def restored(who: Online) -> None:
    """Let the vault be one that was restored, to the day before the newest entry of its DIDs."""

    def older(tx: Connection) -> None:
        owner = who.who.id
        own = store.own(tx, owner)
        assert own is not None
        log = store.entries(tx, owner, own.did)
        store.put(tx, owner, own.did, log[:-1])
        store.set_own_head(tx, owner, log[-2].version_id, own.confirmed_incarnation)
        vault.new_incarnation(tx)

    await who.served.node.database.write(older)


@requirement("identity.over-http")
async def test_the_phrase_in_a_body_gets_a_did_back(served: Served, ada: Online) -> None:
    did = (await ada.get("/v1/did")).json()["did"]
    stolen = await rival_of(ada)
    assert await pushed(served, did, [stolen]) == 200
    robbed = (await ada.get("/v1/did")).json()

    plan = (await ada.post("/v1/did/recovery/plan", {})).json()
    wrong = await ada.dangerous("POST", "/v1/did/recovery", {"phrase": spoken(OTHER)})
    recovered = await ada.dangerous("POST", "/v1/did/recovery", {"phrase": spoken(ADAS)})

    assert robbed["elsewhere"] == [stolen.version_id]
    assert robbed["writable"] is False
    assert plan["nullified"] == [stolen.version_id]
    assert (wrong.status_code, wrong.json()["code"]) == (403, "did-phrase")
    assert recovered.json()["plan"] == plan
    assert recovered.json()["did"]["epoch"] == 1
    assert recovered.json()["did"]["writable"] is True
    assert "abandon" not in recovered.text
    standings = [each["standing"] for each in (await ada.get("/v1/did/log")).json()["items"]]
    assert standings == ["current", "nullified", "current"]


async def test_a_rehearsal_tells_and_writes_nothing(ada: Online) -> None:
    right = await ada.dangerous("POST", "/v1/did/recovery/rehearse", {"phrase": spoken(ADAS)})
    wrong = await ada.dangerous("POST", "/v1/did/recovery/rehearse", {"phrase": spoken(OTHER)})

    assert right.json()["fits"] is True
    assert (wrong.status_code, wrong.json()["fits"], wrong.json()["opens"]) == (200, False, False)
    assert len((await ada.get("/v1/did/log")).json()["items"]) == 1


async def test_over_rivals_nothing_is_written_until_a_recovery_settles_it(
    served: Served, ada: Online
) -> None:
    rival = await rival_of(ada)
    await ada.dangerous("POST", "/v1/did/rotate", {})
    did = (await ada.get("/v1/did")).json()["did"]
    assert await pushed(served, did, [rival]) == 200

    shown = (await ada.get("/v1/did")).json()
    refused = [
        await ada.dangerous("PATCH", "/v1/did", {"mirrors": ["https://mirror.example/"]}),
        await ada.dangerous("POST", "/v1/did/deactivate"),
        await ada.post("/v1/did/preview", {"mirrors": ["https://mirror.example/"]}),
    ]
    settled = await ada.dangerous("POST", "/v1/did/recovery", {"phrase": spoken(ADAS)})

    assert shown["equivocation"] is True
    assert {(each.status_code, each.json()["code"]) for each in refused} == {
        (409, "did-equivocation")
    }
    assert settled.json()["did"]["equivocation"] is False


@requirement("identity.over-http")
async def test_a_restored_vault_is_compared_before_it_writes_and_names_none_of_its_files(
    served: Served, ada: Online
) -> None:
    await ada.dangerous("PATCH", "/v1/did", {"mirrors": ["https://mirror.example/"]})
    newest = (await ada.get("/v1/did")).json()["version_id"]
    old = (await ada.post("/v1/did/card", {})).json()
    await restored(ada)

    shown = (await ada.get("/v1/did")).json()
    refused = [
        await ada.dangerous("POST", "/v1/did/rotate", {}),
        await ada.dangerous("PATCH", "/v1/did", {"mirrors": ["https://other.example/"]}),
        await ada.post("/v1/did/preview", {"mirrors": ["https://other.example/"]}),
        await ada.dangerous("POST", "/v1/did/recovery", {"phrase": spoken(ADAS)}),
        await ada.post("/v1/did/recovery/plan", {"newest": "nothing-newer"}),
        await ada.dangerous("POST", "/v1/did/confirm", {"newest": "nothing-newer"}),
    ]
    confirmed = await ada.dangerous("POST", "/v1/did/confirm", {"newest": "copy"})

    assert old["card"]["log"]
    assert (shown["confirmed"], shown["ahead"]) == (False, 1)
    for answer in refused:
        assert answer.status_code == 409
        assert answer.json()["code"] in {"did-unconfirmed", "did-newer-known"}
        assert str(served.node.lock.home.path) not in answer.text
        assert "did-log" not in answer.text
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["adopted"] == [newest]
    assert confirmed.json()["did"]["confirmed"] is True


async def test_a_damaged_copy_is_told_without_its_name(served: Served, ada: Online) -> None:
    await ada.dangerous("POST", "/v1/did/rotate", {})
    await restored(ada)
    with served.node.lock.home.did_log.open("ab") as file:
        file.write(b"{")

    refused = [
        await ada.dangerous("POST", "/v1/did/confirm", {"newest": "copy"}),
        await ada.dangerous("POST", "/v1/did/confirm", {"newest": "nothing-newer"}),
    ]

    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (409, "did-copy-damaged")
        assert str(served.node.lock.home.path) not in answer.text


async def test_a_card_from_outside_is_compared_too(served: Served, ada: Online) -> None:
    bob = await online(served, served.bob)
    await bob.with_did()
    cards = [(await who.post("/v1/did/card", {})).json() for who in (ada, bob)]
    texts = ["\n".join(card["codes"]) for card in cards]

    same = await ada.dangerous("POST", "/v1/did/confirm", {"newest": texts[0]})
    foreign = await ada.dangerous("POST", "/v1/did/confirm", {"newest": texts[1]})
    garbage = await ada.dangerous("POST", "/v1/did/confirm", {"newest": "MNEM1:1/2:AAAA"})
    broken = await ada.post("/v1/did/recovery/plan", None)

    assert (same.status_code, same.json()["adopted"]) == (200, [])
    assert (foreign.status_code, foreign.json()["code"]) == (409, "did-foreign")
    assert (garbage.status_code, garbage.json()["code"]) == (422, "bad-card")
    assert broken.status_code == 422


async def test_another_phrase_takes_the_place_of_the_old_one(served: Served, ada: Online) -> None:
    bob, path, fresh = await online(served, served.bob), "/v1/did/phrase", generate_phrase()
    before = await bob.dangerous("PUT", path, {"new": spoken(OTHER)})
    await bob.with_did()

    missing = await bob.dangerous("PUT", path, {"new": spoken(fresh)})
    wrong = await bob.dangerous("PUT", path, {"old": spoken(ADAS), "new": spoken(fresh)})
    done = await bob.dangerous("PUT", path, {"old": spoken(OTHER), "new": spoken(fresh)})
    old = await bob.dangerous("POST", "/v1/did/recovery/rehearse", {"phrase": spoken(OTHER)})
    new = await bob.dangerous("POST", "/v1/did/recovery/rehearse", {"phrase": spoken(fresh)})
    slots = served.node.lock.home.slots.read_bytes()
    of_the_vault = await ada.dangerous("PUT", path, {"old": spoken(ADAS), "new": spoken(fresh)})

    assert before.json() == {"did": None}
    assert {each.json()["code"] for each in (missing, wrong)} == {"did-phrase"}
    assert done.status_code == 200, done.text
    assert done.json()["did"]["epoch"] == 1
    assert (old.json()["fits"], new.json()["fits"]) == (False, True)
    assert (of_the_vault.status_code, of_the_vault.json()["code"]) == (409, "vault-phrase")
    assert served.node.lock.home.slots.read_bytes() == slots


@requirement("identity.over-http")
async def test_the_did_of_one_person_is_not_recovered_by_another(
    served: Served, ada: Online
) -> None:
    bob = await online(served, served.bob)
    card = "\n".join((await ada.post("/v1/did/card", {})).json()["codes"])

    refused = await bob.dangerous(
        "POST", "/v1/did/recovery", {"phrase": spoken(ADAS), "newest": card}
    )
    absent = await bob.dangerous("POST", "/v1/did/recovery", {"phrase": spoken(ADAS)})

    assert (refused.status_code, refused.json()["code"]) == (409, "did-taken")
    assert (absent.status_code, absent.json()["code"]) == (404, "did-missing")
    assert (await ada.get("/v1/did")).json()["epoch"] == 0
