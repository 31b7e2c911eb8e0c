"""Every page: its form, its headers, and to whom it opens."""

import asyncio
import html

import httpx

from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.invitations import WHO_CAN_READ
from mnemosyne.http.guard import CONTENT_SECURITY_POLICY
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.web.messages import messages
from tests.requirements import requirement
from tests.web.conftest import Site
from tests.web.pages import Page, faults_of

OPEN = ("/sign-in", "/register", "/invite", "/recover", "/reference", "/problems")
ELSEWHERE = (
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "/v1",
)
OWN = ("/", "/devices", "/tokens", "/invitations", "/account")


def read(answer: httpx.Response, status: int = 200) -> Page:
    """Read an answer that has to be a page without a fault, under the policy."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    # What strangers are shown is asked for again each time, and known again; nobody keeps more.
    keep = "no-cache" if "etag" in answer.headers else "no-store"
    assert answer.headers["cache-control"] == keep
    page = Page.read(answer.text)
    assert faults_of(page) == []
    return page


@requirement("web.policy")
async def test_every_page_that_anybody_opens_is_whole_html(site: Site) -> None:
    stranger = site.stranger()

    for path in OPEN:
        read(await stranger.get(path))


@requirement("web.policy")
async def test_every_page_of_a_person_is_whole_html_and_names_the_others(site: Site) -> None:
    ada = await site.person(site.served.ada)

    for path in OWN:
        page = read(await ada.get(path))

        links = {each.attributes.get("href") for each in page.all("a")}
        assert {"/devices", "/tokens", "/invitations", "/account"} <= links


@requirement("web.own")
async def test_home_asks_first_to_end_the_set_up(site: Site) -> None:
    ada = await site.person(site.served.ada)
    before = read(await ada.get("/"))
    codes = site.served.node.recovery_codes
    await codes.generate(Principal.local(site.served.ada.id))
    await codes.acknowledge(Principal.local(site.served.ada.id))
    after = read(await ada.get("/"))

    steps = [each.attributes["href"] for each in before.all("a") if "section" in each.inside]
    assert steps[0] == "/devices#recovery-codes-left"
    assert "End your set-up" in before.text
    assert "End your set-up" not in after.text


@requirement("web.own")
async def test_a_stranger_is_led_to_sign_in_and_from_there_back(site: Site) -> None:
    stranger = site.stranger()
    for path in OWN:
        answer = await stranger.get(path)

        assert answer.status_code == 303
        led = answer.headers["location"]
        assert led == ("/sign-in" if path == "/" else f"/sign-in?next=%2F{path[1:]}")
        (form,) = read(await stranger.get(led)).all("sign-in-form")
        assert form.attributes["data-then"] == path


@requirement("web.own")
async def test_signing_in_leads_to_no_address_of_somebody_elses_choice(site: Site) -> None:
    stranger = site.stranger()
    for elsewhere in ELSEWHERE:
        page = read(await stranger.get("/sign-in", params={"next": elsewhere}))

        (form,) = page.all("sign-in-form")
        assert form.attributes["data-then"] == "/"


@requirement("web.own")
async def test_whoever_comes_back_sees_nothing_before_there_is_a_new_passkey(site: Site) -> None:
    back = await site.person(site.served.ada, CredentialKind.RECOVERY)

    for path in OWN:
        answer = await back.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/recover")
    page = read(await back.get("/recover"))
    (form,) = page.all("new-passkey-form")
    assert form.attributes["data-path"] == "/v1/recovery/passkey"


@requirement("web.own")
async def test_a_token_opens_no_page(site: Site) -> None:
    script = await site.served.with_token(site.served.ada, [Scope.MEMORY_READ])
    script.headers["Accept"] = "text/html"

    assert (await script.get("/devices")).status_code == 303


async def test_a_guest_neither_sees_nor_opens_invitations(site: Site) -> None:
    bob = await site.person(site.served.bob)

    home = read(await bob.get("/"))
    refused = read(await bob.get("/invitations"), 403)

    assert "/invitations" not in {each.attributes.get("href") for each in home.all("a")}
    assert "Bob" in home.text
    assert "Whoever runs this node invites people" in refused.text
    assert "/account" in {each.attributes.get("href") for each in refused.all("a")}


async def test_a_guest_can_leave_and_sees_before_what_goes(site: Site) -> None:
    bob = await site.person(site.served.bob)

    account = read(await bob.get("/account"))
    preview = read(await bob.get("/account/erasure"))

    assert "/account/erasure" in {each.attributes.get("href") for each in account.all("a")}
    assert [each.attributes["data-of"] for each in preview.all("erasure-form")] == ["Bob"]
    assert "It is final." in preview.text
    assert "1 act was recorded" in preview.text


async def test_whoever_runs_the_node_is_told_to_leave_by_the_shell(site: Site) -> None:
    ada = await site.person(site.served.ada)

    answer = await ada.get("/account/erasure")

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "mnemosyne account erase" in read(await ada.get("/account")).text


async def test_names_are_text_whatever_is_in_them(site: Site) -> None:
    ada = await site.person(site.served.ada)
    hostile = "<img src=x onerror=alert(1)>\"'&{{7*7}}"

    await ada.post("/account/name", data={"name": hostile})

    for path in OWN:
        page = read(await ada.get(path))
        assert not list(page.all("img"))
    assert hostile in read(await ada.get("/account")).text


@requirement("web.messages")
async def test_every_error_has_a_page(site: Site) -> None:
    stranger = site.stranger()

    for code, message in messages().items():
        page = read(await stranger.get(f"/problems/{code}"))
        assert message.meaning.replace("`", "") in page.text
        assert message.advice.replace("`", "") in page.text
    read(await stranger.get("/problems/no-such-code"), 404)


async def test_what_is_the_same_for_all_strangers_is_known_again_by_them(site: Site) -> None:
    stranger, ada = site.stranger(), await site.person(site.served.ada)
    document = await stranger.get("/openapi.json")
    still = await stranger.get("/openapi.json", headers={"If-None-Match": document.headers["ETag"]})

    assert document.headers["Content-Type"] == "application/json"
    assert document.headers["Cache-Control"] == still.headers["Cache-Control"] == "no-cache"
    assert (still.status_code, still.content) == (304, b"")

    first, again = await asyncio.gather(*(stranger.get("/reference") for _ in range(2)))
    known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
    short = await stranger.get("/reference", headers=known)
    hers = await ada.get("/reference", headers=known)

    assert first.content == again.content
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Vary"] == "Cookie, Accept, Origin"
    assert (short.status_code, short.content) == (304, b"")
    assert (short.headers["ETag"], short.headers["Vary"]) == (
        first.headers["ETag"],
        first.headers["Vary"],
    )
    assert (hers.status_code, hers.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in hers.headers
    assert "Sign out" in read(hers).text
    assert read(hers).text.count("Takes") == read(first).text.count("Takes")


@requirement("web.reference")
async def test_the_reference_names_every_operation_without_a_script(site: Site) -> None:
    stranger = site.stranger()
    document = (await stranger.get("/openapi.json")).json()

    page = read(await stranger.get("/reference"))

    ids = {each.attributes.get("id") for each in page.elements}
    for path, methods in document["paths"].items():
        assert path in page.text
        assert {stated["operationId"] for stated in methods.values()} <= ids
        for stated in methods.values():
            assert all(each["name"] in page.text for each in stated.get("parameters", []))
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= ids


@requirement("serving.invitations")
async def test_both_who_invites_and_who_is_invited_read_who_can_read_the_vault(site: Site) -> None:
    ada = await site.person(site.served.ada)

    for asked in (ada.get("/invitations"), site.stranger().get("/invite")):
        answer = await asked
        assert html.escape(WHO_CAN_READ) in answer.text
