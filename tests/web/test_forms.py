"""What forms do without a script: rename, end, revoke, restrict, see, sign out."""

from datetime import datetime

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import alarms, store_passkeys
from mnemosyne.accounts.alarms import AlarmKind
from mnemosyne.accounts.store_passkeys import Passkey
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Scope
from tests.requirements import requirement
from tests.serving import ADDRESS, NO_PASSKEY
from tests.web.conftest import OPENED, Site
from tests.web.test_pages import read

GONE = "0" * 32


@requirement("web.scriptless")
async def test_a_name_is_changed_and_said_to_be(site: Site) -> None:
    ada = await site.person(site.served.ada)

    answer = await ada.post("/account/name", data={"name": "Ada Lovelace"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=renamed")
    page = read(await ada.get(answer.headers["location"]))
    assert "You are called that from now on." in page.text
    assert "Ada Lovelace" in page.text


@pytest.mark.parametrize(("name", "status"), [(" ", 422), ("Bob", 409)])
async def test_a_name_that_nobody_can_have_is_refused_in_the_form_and_kept_in_it(
    site: Site, name: str, status: int
) -> None:
    ada = await site.person(site.served.ada)

    page = read(await ada.post("/account/name", data={"name": name}), status)

    (field,) = [each for each in page.all("input") if each.attributes.get("name") == "name"]
    assert (field.attributes["value"], field.attributes["aria-invalid"]) == (name, "true")
    (told,) = [each for each in page.all("div") if each.attributes.get("role") == "alert"]
    assert "called" in told.text
    assert "form" in told.inside


async def test_processing_is_restricted_and_goes_on(site: Site) -> None:
    ada = await site.person(site.served.ada)

    await ada.post("/account/restriction")
    restricted = read(await ada.get("/"))
    await ada.post("/account/restriction/lift")
    lifted = read(await ada.get("/"))

    assert "Processing is restricted since" in restricted.text
    assert "Processing is restricted since" not in lifted.text


@requirement("web.own", "web.scriptless")
async def test_a_token_is_revoked_by_its_owner_alone(site: Site) -> None:
    served = site.served
    token, _ = await served.node.tokens.create(
        served.principal(served.ada), "Nightly import", [Scope.MEMORY_READ]
    )
    ada, bob = await site.person(served.ada), await site.person(served.bob)

    of_bob = await bob.post(f"/tokens/{token.id}/revoke")
    of_nobody = await bob.post(f"/tokens/{GONE}/revoke")
    listed = read(await ada.get("/tokens"))
    answer = await ada.post(f"/tokens/{token.id}/revoke")

    assert read(of_bob, 404).text == read(of_nobody, 404).text
    assert "Nightly import" in listed.text
    assert answer.headers["location"] == "/tokens?done=token-revoked"
    assert "Nightly import" not in read(await ada.get("/tokens")).text


async def test_an_invitation_is_revoked(site: Site) -> None:
    served = site.served
    made, _ = await served.node.enrolments.invite(served.principal(served.ada), "Grace")
    ada = await site.person(served.ada)

    assert "Grace" in read(await ada.get("/invitations")).text
    await ada.post(f"/invitations/{made.id}/revoke")

    assert "Grace" not in read(await ada.get("/invitations")).text


async def test_sessions_are_ended_one_and_all(site: Site) -> None:
    served = site.served
    ada, library = [await site.person(served.ada) for _ in range(2)]
    begun = await served.session(served.ada)
    phone = served.client(Cookie=f"{SESSION_COOKIE}={begun.secret}", **OPENED)

    await ada.post(f"/devices/sessions/{begun.admitted.id}/end")
    read(await ada.get("/devices"))
    ended = (await phone.get("/devices")).status_code
    await ada.post("/devices/sessions/end-others")

    assert ended == 303
    assert (await library.get("/devices")).status_code == 303
    read(await ada.get("/devices"))
    read(await ada.post(f"/devices/sessions/{GONE}/end"), 404)


async def test_a_passkey_of_nobody_is_not_renamed(site: Site) -> None:
    ada = await site.person(site.served.ada)

    read(await ada.post(f"/devices/passkeys/{GONE}/name", data={"name": "x"}), 404)


@requirement("web.own")
async def test_an_alarm_is_told_until_it_is_seen(site: Site) -> None:
    served = site.served

    def ring(tx: Connection) -> None:
        kind, at = AlarmKind.CODE_REDEEMED, served.clock()
        alarms.ring(tx, served.ada.id, kind, NO_PASSKEY, at, channel="http", facts={})

    await served.node.database.write(ring)
    ada, bob = await site.person(served.ada), await site.person(served.bob)
    (alarm,) = await served.node.alarms.all(served.principal(served.ada))

    for path in ("/", "/devices"):
        assert "one of your recovery codes" in read(await ada.get(path)).text
        assert "one of your recovery codes" not in read(await bob.get(path)).text
    read(await bob.post(f"/devices/alarms/{alarm.id}/seen"), 404)
    await ada.post(f"/devices/alarms/{alarm.id}/seen")

    assert "one of your recovery codes" not in read(await ada.get("/")).text


async def test_signing_out_ends_the_session_and_its_cookie(site: Site) -> None:
    ada = await site.person(site.served.ada)

    answer = await ada.post("/sign-out")

    assert answer.headers["location"] == "/sign-in?done=signed-out"
    assert '__Host-mnemosyne=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await ada.get("/devices")).status_code == 303
    page = read(await site.stranger().get(answer.headers["location"]))
    assert "You are signed out in this browser." in page.text


async def test_whoever_is_signed_out_is_led_to_sign_in_by_a_form_too(site: Site) -> None:
    answer = await site.stranger().post("/account/restriction")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_the_address_puts_no_words_into_a_page(site: Site) -> None:
    ada = await site.person(site.served.ada)

    page = read(await ada.get("/account", params={"done": "Send money to Eve"}, headers=OPENED))

    assert "Eve" not in page.text


async def test_a_passkey_of_another_host_may_go_and_the_last_of_this_one_stays(site: Site) -> None:
    served = site.served
    at = served.clock()

    def add(tx: Connection) -> None:
        for host in (ADDRESS.host, "old.example"):
            store_passkeys.add(tx, passkey_of(served.ada.id, host, at))

    await served.node.database.write(add)
    ada = await site.person(served.ada)

    page = read(await ada.get("/devices"))

    removals = [each for each in page.all("api-form") if each.attributes["data-method"] == "DELETE"]
    assert [each.attributes["data-of"] for each in removals] == ["Key of old.example"]
    assert "Your only passkey cannot be removed" in page.text
    assert "for old.example alone" in page.text


def passkey_of(owner: Identifier, host: str, at: datetime) -> Passkey:
    """Return a passkey as it is stored, which no device holds."""
    return Passkey(
        id=new_id(at),
        owner=owner,
        rp_id=host,
        credential_id=host.encode(),
        public_key=b"-",
        sign_count=1,
        backup_eligible=False,
        backed_up=False,
        transports=(),
        aaguid="",
        name=f"Key of {host}",
        created_at=at,
        last_used_at=None,
    )
