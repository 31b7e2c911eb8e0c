"""A person over HTTP: who they are, their tokens, whom they invite, and how they go."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts.credentials import NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.step_ups import _Confirmed
from mnemosyne.audit.model import RecordGoneError
from mnemosyne.audit.service import verify_receipt
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.http.step_up import HEADER
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.model import Draft, Filter
from mnemosyne.safekeeping import store as backups
from mnemosyne.safekeeping.store import KnownBackup
from tests.api.remembering import code_of, keyed, remember
from tests.requirements import requirement
from tests.serving import ADDRESS, Served

ORIGIN = ADDRESS.origin


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody who is signed in and confirms what they do, without the ceremony of a passkey."""

    served: Served
    client: httpx.AsyncClient
    session: str

    async def confirmed(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a dangerous request, confirm it once it was refused, and send it again."""
        sent = {} if body is None else {"json": body}
        refused = await self.client.request(method, path, **sent)  # type: ignore[arg-type]
        assert code_of(refused) == (403, "step-up-required")
        action = {"method": method, "path": path, "query": {}, "body": body}
        until = self.served.clock() + timedelta(minutes=5)
        made = _Confirmed(self.session, sha256(canonical_json(action)), until)
        header = {HEADER: self.served.node.step_ups._keep(made)}
        return await self.client.request(method, path, headers=header, **sent)  # type: ignore[arg-type]


async def signed_in(served: Served, who: Person) -> Browser:
    session = await served.session(who)
    client = served.client(Cookie=f"{SESSION_COOKIE}={session.secret}")
    return Browser(served, client, session.admitted.id)


async def test_a_person_reads_and_renames_themself(served: Served) -> None:
    bob = await served.as_person(served.bob)

    mine = (await bob.get("/v1/account")).json()
    assert (mine["name"], mine["first"], mine["restricted_since"]) == ("Bob", False, None)
    assert mine["credential"]["kind"] == "session"
    assert "admin" not in mine["credential"]["scopes"]

    renamed = await bob.patch("/v1/account", json={"name": "Robert"})
    assert renamed.json()["name"] == "Robert"
    taken = await bob.patch("/v1/account", json={"name": "ADA"})
    assert code_of(taken) == (409, "person-name-taken")
    unseen = await bob.patch("/v1/account", json={"name": "a\u202eb"})
    assert code_of(unseen) == (422, "person-name")


async def test_a_script_learns_what_its_token_may_do(served: Served) -> None:
    script = await served.with_token(served.ada, [Scope.MEMORY_READ])

    credential = (await script.get("/v1/account")).json()["credential"]

    assert (credential["kind"], credential["scopes"]) == ("token", ["memory:read"])
    assert code_of(await script.patch("/v1/account", json={"name": "X"})) == (403, "session-needed")
    refused = await script.get("/v1/tokens")
    assert code_of(refused) == (403, "session-needed")
    assert refused.json()["title"] == "This needs a person signed in; no token can."


@requirement("serving.people")
async def test_only_whose_node_it_is_sees_who_lives_there(served: Served) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)

    seen = (await ada.get("/v1/residents")).json()

    assert [sorted(each) for each in seen["items"]] == [["created_at", "first", "name"]] * 2
    assert [(each["name"], each["first"]) for each in seen["items"]] == [
        ("Ada", True),
        ("Bob", False),
    ]
    assert code_of(await bob.get("/v1/residents")) == (403, "missing-scope")


@requirement("serving.tokens")
async def test_a_token_is_made_after_a_passkey_used_listed_and_revoked_at_once(
    served: Served,
) -> None:
    browser = await signed_in(served, served.bob)
    asked = {"name": "night import", "scopes": ["memory:read", "memory:write"], "days": 30}
    made = await browser.confirmed("POST", "/v1/tokens", asked)

    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    assert made.headers["cache-control"] == "no-store"
    script = served.client(Authorization=f"Bearer {secret}")
    await remember(script, "Written by a script.")
    (listed,) = (await browser.client.get("/v1/tokens")).json()["items"]
    assert listed["id"] == made.json()["id"]
    assert listed["last_used_at"] is not None
    assert secret not in str(listed)
    assert (await browser.client.delete(f"/v1/tokens/{listed['id']}")).status_code == 204
    assert code_of(await script.get("/v1/memories")) == (401, "not-signed-in")
    assert (await browser.client.get("/v1/tokens")).json() == {"items": [], "next": None}


REFUSED_TOKENS: tuple[tuple[dict[str, object], str], ...] = (
    ({"scopes": ["admin"]}, "token-scopes"),
    ({"scopes": ["memory:read", "memory:erase"]}, "token-scopes"),
    ({"scopes": []}, "invalid-request"),
    ({"scopes": ["everything"]}, "invalid-request"),
    ({"days": 366}, "invalid-request"),
    ({"days": 0}, "invalid-request"),
    ({"name": "a\u202eb"}, "token-name"),
    ({"owner": "0" * 32}, "invalid-request"),
)


async def test_no_token_is_made_that_should_not_be(served: Served) -> None:
    browser = await signed_in(served, served.ada)

    for asked, code in REFUSED_TOKENS:
        body = {"name": "script", "scopes": ["memory:read"], **asked}
        refused = await browser.confirmed("POST", "/v1/tokens", body)
        assert code_of(refused) == (422, code), asked

    assert (await browser.client.get("/v1/tokens")).json()["items"] == []


@requirement("serving.tokens")
async def test_an_expired_token_is_good_for_nothing(served: Served) -> None:
    script = await served.with_token(served.ada, [Scope.MEMORY_READ])
    assert (await script.get("/v1/memories")).status_code == 200

    served.clock.advance(timedelta(days=1))

    assert code_of(await script.get("/v1/memories")) == (401, "not-signed-in")


@requirement("serving.invitations", "serving.people")
async def test_somebody_is_invited_joins_and_sees_only_their_own(served: Served) -> None:
    browser = await signed_in(served, served.ada)
    await remember(browser.client, "Mine alone.")
    asked = {"name": "Grace"}
    made = await browser.confirmed("POST", "/v1/invitations", asked)
    assert made.status_code == 201, made.text
    invitation = made.json()
    assert invitation["address"] == f"{ORIGIN}/invite#{invitation['secret']}"
    assert "can read everything" in invitation["who_can_read"]
    (listed,) = (await browser.client.get("/v1/invitations")).json()["items"]
    assert invitation["secret"] not in str(listed)

    theirs, joining = Authenticator(), served.client()
    secret = {"secret": invitation["secret"]}
    options = await joining.post("/v1/enrolment/options", json=secret)
    answer = theirs.create(options.json(), ORIGIN)
    joined = await joining.post(
        "/v1/enrolment", json={**secret, "name": "Amazing Grace", "answer": answer}
    )

    assert joined.status_code == 201, joined.text
    assert (await joining.get("/v1/account")).json()["name"] == "Amazing Grace"
    assert (await joining.get("/v1/memories")).json()["items"] == []
    assert (await browser.client.get("/v1/invitations")).json()["items"] == []
    again = await served.client().post("/v1/enrolment/options", json=secret)
    assert again.json()["code"] == "enrolment-invalid"
    names = [each["name"] for each in (await browser.client.get("/v1/residents")).json()["items"]]
    assert names == ["Ada", "Bob", "Amazing Grace"]
    not_theirs = await joining.post("/v1/invitations", json={"name": "Mallory"})
    assert code_of(not_theirs) == (403, "missing-scope")


@requirement("serving.tokens", "serving.invitations")
async def test_what_is_somebody_elses_answers_as_what_never_was(served: Served) -> None:
    bob = await served.as_person(served.bob)
    ada = served.principal(served.ada)
    token, _ = await served.node.tokens.create(ada, "script", [Scope.MEMORY_READ])
    invitation, _ = await served.node.enrolments.invite(ada, "Grace")

    for path, real in (("tokens", token.id), ("invitations", invitation.id)):
        answers = [await bob.delete(f"/v1/{path}/{each}") for each in (real, "0" * 32, "x", "..")]
        assert {code_of(each) for each in answers[:3]} == {(404, f"{path[:-1]}-not-found")}
        assert len({each.text for each in answers[:3]}) == 1
    assert [each.id for each in await served.node.tokens.all(ada)] == [token.id]
    assert [each.id for each in await served.node.enrolments.all(ada)] == [invitation.id]


@requirement("serving.restriction", "serving.passkeys")
async def test_a_restricted_person_reads_and_lifts_it_and_the_others_go_on(
    served: Served,
) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)
    mine = await remember(bob, "Walked around the lake.")

    restricted = await bob.put("/v1/account/restriction")

    assert restricted.json()["restricted_since"] is not None
    capture = await bob.post("/v1/memories", json={"content": "New."}, headers=keyed())
    search = await bob.post("/v1/search", json={"question": "lake"})
    assert code_of(capture) == (409, "processing-restricted")
    assert code_of(search) == (409, "processing-restricted")
    assert (await bob.get(f"/v1/memories/{mine['id']}")).status_code == 200
    await remember(ada, "Nobody else is concerned.")
    lifted = await bob.delete("/v1/account/restriction")
    assert lifted.json()["restricted_since"] is None
    await remember(bob, "And on it goes.")


@requirement("serving.people", "erase.person")
async def test_a_second_person_erases_themself_and_the_first_keeps_everything(
    served: Served,
) -> None:
    ada = await served.as_person(served.ada)
    await remember(ada, "Mine stays.")
    browser = await signed_in(served, served.bob)
    await remember(browser.client, "Theirs goes.")
    script = await served.with_token(served.bob, [Scope.MEMORY_READ])
    preview = (await browser.client.get("/v1/account/erasure")).json()
    assert (preview["name"], preview["rows"]["memory"], preview["others"]) == ("Bob", 1, 1)
    gone = await browser.confirmed("POST", "/v1/account/erasure")

    assert gone.status_code == 200, gone.text
    assert gone.json()["rows"]["memory"] == 1
    assert verify_receipt(gone.json()["receipt"])
    for client in (browser.client, script):
        assert code_of(await client.get("/v1/memories")) == (401, "not-signed-in")
    assert [each["content"] for each in (await ada.get("/v1/memories")).json()["items"]] == [
        "Mine stays."
    ]
    assert [each["name"] for each in (await ada.get("/v1/residents")).json()["items"]] == ["Ada"]
    left = Principal.local(served.bob.id)
    assert await served.node.memories.count(left, Filter()) == 0


@requirement("serving.people")
async def test_nobody_but_whose_node_it_is_learns_its_folders(
    served: Served, tmp_path: Path
) -> None:
    """In no preview, answer, entry or receipt of an erase: there is the name of a file alone."""
    ada, bob = await signed_in(served, served.ada), await signed_in(served, served.bob)
    for number, each in enumerate((ada, bob)):
        memory = await remember(each.client, f"Number {number}.")
        taken = served.clock() + timedelta(minutes=1)
        away = KnownBackup(
            id=new_id(taken),
            path=tmp_path / "operator" / "shelf" / f"copy-{number}",
            counter=number,
            taken_at=taken,
            expires_at=taken + timedelta(days=30),
            verified_at=None,
            digest="",
            size=0,
        )
        await served.node.database.write(partial(backups.add, new=away))
        erased = await each.confirmed("POST", "/v1/erasures", {"memories": [memory["id"]]})
        assert erased.json()["state"] == "erased"
        entries = await each.client.get("/v1/audit/entries")
        again = await each.client.get(erased.headers["location"])
        told = erased.text + entries.text + again.text
        assert ("operator" in told) is (each is ada)
        assert "shelf" in told
        assert f"copy-{number}" in told
    preview = await bob.client.get("/v1/account/erasure")
    gone = await bob.confirmed("POST", "/v1/account/erasure")

    assert gone.json()["ledgers_not_reached"] == ["shelf"]
    for answer in (preview, gone):
        assert "copy-1" in answer.text
        assert "operator" not in answer.text


async def test_whose_node_it_is_cannot_go_while_others_are_on_it(served: Served) -> None:
    browser = await signed_in(served, served.ada)

    assert code_of(await browser.client.get("/v1/account/erasure")) == (409, "others-stay")
    refused = await browser.confirmed("POST", "/v1/account/erasure")

    assert code_of(refused) == (409, "others-stay")
    assert (await browser.client.get("/v1/account")).json()["name"] == "Ada"


async def test_a_node_on_which_nobody_is_left_is_not_ready(served: Served) -> None:
    stranger = served.client()
    assert (await stranger.get("/health/ready")).status_code == 200
    for each in (served.bob, served.ada):
        await served.node.person_erasure.erase(served.principal(each))

    refused = await stranger.get("/health/ready")

    assert code_of(refused) == (503, "nobody-here")
    assert refused.json()["detail"]
    assert refused.json()["hint"]
    assert (await stranger.get("/health/live")).status_code == 200


async def test_what_is_under_way_while_somebody_is_erased_leaves_nothing_of_them(
    served: Served,
) -> None:
    principal, party = served.principal(served.bob), ADDRESS.relying_party
    kept = await served.node.memories.capture(principal, Draft("Theirs goes."), "key")
    signed_in = (await served.session(served.bob)).admitted
    confirmed = replace(signed_in, principal=replace(signed_in.principal, held=False))
    options = await served.node.passkeys.options(confirmed, party)
    answer = Authenticator().create(options, ORIGIN)
    await served.node.person_erasure.erase(principal)

    for late in (
        served.node.memories.capture(principal, Draft("Too late."), "another key"),
        served.node.tokens.create(principal, "late", [Scope.MEMORY_READ]),
        served.node.people.rename(principal, "Late"),
        served.node.people.restrict(principal),
        served.node.recovery_codes.generate(principal),
        served.node.passkeys.add(signed_in, answer, party),
        served.node.bin.forget(principal, [kept.memory.id]),
    ):
        with pytest.raises(NotSignedInError):
            await late
    with closing(Spool(served.node.lock.home.path)) as spool, pytest.raises(RecordGoneError):
        await served.node.selection.write_to(principal, Filter(), spool)
    with closing(Spool(served.node.lock.home.path)) as spool, pytest.raises(RecordGoneError):
        await served.node.archives.write_to(principal, spool, "archive.mnemosyne")
    await served.node.dispatcher.drain(5)
    rows = await served.node.database.read(
        lambda tx: [
            name
            for (name,) in tx.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'memory_t%'"
            )
            if served.bob.id in repr(tx.exec_driver_sql(f'SELECT * FROM "{name}"').all())  # noqa: S608
        ]
    )
    assert rows == []
