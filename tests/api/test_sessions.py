"""Signing in and out over HTTP: cookies, one answer for every refusal, and the list of browsers."""

from datetime import timedelta

import httpx
import pytest

from demo.authenticator import Authenticator, encode
from mnemosyne.http.guard import SESSION_COOKIE
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import ADDRESS, Served

SIGNING_IN = "__Host-mnemosyne-signing-in"


@pytest.fixture
async def device(served: Served) -> Authenticator:
    """Give the first person a passkey."""
    made = Authenticator()
    await give_passkey(served.node, served.ada.id, made)
    return made


def cookies(response: httpx.Response) -> dict[str, str]:
    lines = response.headers.get_list("set-cookie")
    return {line.partition("=")[0]: line for line in lines}


@requirement("serving.sessions")
async def test_a_session_is_a_cookie_that_no_page_reads_and_no_other_site_sends(
    served: Served, device: Authenticator
) -> None:
    browser = served.client(**{"User-Agent": "Firefox"})
    served.clock.advance(timedelta(seconds=1))
    done = await sign_in(browser, device)

    kept = cookies(done)[SESSION_COOKIE]
    for rule in ("Path=/", "Secure", "HttpOnly", "SameSite=strict", "Max-Age=2592000"):
        assert rule in kept.split("; ")
    assert "Domain" not in kept
    assert "Max-Age=0" in cookies(done)[SIGNING_IN]
    assert done.headers["cache-control"] == "no-store"
    assert "mnemsession_" not in done.text
    listed = (await browser.get("/v1/sessions")).json()["items"]
    assert (listed[0]["device"], listed[0]["current"]) == ("Firefox", True)


@requirement("serving.sessions")
async def test_whoever_signs_in_again_leaves_no_earlier_session_behind(
    served: Served, device: Authenticator
) -> None:
    browser, elsewhere = served.client(), served.client()
    other = (await sign_in(elsewhere, device)).json()["id"]
    earlier = (await sign_in(browser, device)).json()["id"]
    served.clock.advance(timedelta(seconds=1))

    now = (await sign_in(browser, device)).json()["id"]

    listed = (await browser.get("/v1/sessions")).json()["items"]
    found = {each["id"] for each in listed}
    assert {now, other} <= found
    assert earlier not in found


async def test_a_challenge_is_bound_to_a_cookie_and_two_tabs_share_it(
    served: Served, device: Authenticator
) -> None:
    browser, stranger = served.client(), served.client()
    first = await browser.post("/v1/sessions/options")
    second = await browser.post("/v1/sessions/options")
    bound = cookies(first)[SIGNING_IN]
    assert "Max-Age=300" in bound
    assert bound.split(";")[0] == cookies(second)[SIGNING_IN].split(";")[0]
    answer = device.get(first.json(), ADDRESS.origin)

    await stranger.post("/v1/sessions/options")
    refused = await stranger.post("/v1/sessions", json={"answer": answer})
    assert (refused.status_code, refused.json()["code"]) == (401, "passkey-refused")
    done = await browser.post("/v1/sessions", json={"answer": answer})
    assert done.status_code == 201


@requirement("serving.sign-in-refusals")
async def test_every_refusal_of_a_passkey_is_the_same_answer(
    served: Served, device: Authenticator
) -> None:
    browser, strange = served.client(), Authenticator()
    await give_passkey(served.node, served.bob.id, strange)
    strange.credentials[0].id = bytes(32)
    bodies = set()
    for answer in (
        strange.get((await browser.post("/v1/sessions/options")).json(), ADDRESS.origin),
        device.get((await browser.post("/v1/sessions/options")).json(), "http://evil.example"),
        _changed(device.get((await browser.post("/v1/sessions/options")).json(), ADDRESS.origin)),
    ):
        refused = await browser.post("/v1/sessions", json={"answer": answer})
        assert refused.status_code == 401
        bodies.add(refused.content)
    assert len(bodies) == 1


def _changed(answer: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    answer["response"]["signature"] = encode(bytes(70))
    return answer


async def test_signing_out_ends_the_session_and_the_cookie(
    served: Served, device: Authenticator
) -> None:
    browser = served.client()
    secret = cookies(await sign_in(browser, device))[SESSION_COOKIE].split(";")[0]

    done = await browser.delete("/v1/sessions/current")

    assert done.status_code == 204
    assert "Max-Age=0" in cookies(done)[SESSION_COOKIE]
    again = await served.client(Cookie=secret).get("/v1/sessions")
    assert (again.status_code, again.json()["code"]) == (401, "not-signed-in")


async def test_a_browser_that_was_lost_is_signed_out_from_another(
    served: Served, device: Authenticator
) -> None:
    lost, third, mine = served.client(), served.client(), served.client()
    for browser in (lost, third, mine):
        served.clock.advance(timedelta(seconds=1))
        await sign_in(browser, device)
    listed = (await mine.get("/v1/sessions")).json()["items"]
    assert [each["current"] for each in listed] == [True, False, False, False]

    assert (await mine.delete(f"/v1/sessions/{listed[2]['id']}")).status_code == 204
    assert (await lost.get("/v1/sessions")).status_code == 401
    assert (await third.get("/v1/sessions")).status_code == 200
    assert (await mine.post("/v1/sessions/revoke-others")).json() == {"ended": 2}
    assert (await third.get("/v1/sessions")).status_code == 401
    other = await served.as_person(served.bob)
    absent = await other.delete(f"/v1/sessions/{listed[0]['id']}")
    assert (absent.status_code, absent.json()["code"]) == (404, "session-not-found")


@requirement("serving.sign-in", "serving.passkey-copies")
async def test_somebody_who_comes_back_is_shown_what_happened_meanwhile(
    served: Served, device: Authenticator
) -> None:
    await sign_in(served.client(), device)
    device.credentials[0].count = 0
    await sign_in(served.client(), device)
    device.credentials[0].count = 9
    browser = served.client()

    shown = (await sign_in(browser, device)).json()["alarms"]

    assert [each["kind"] for each in shown] == ["passkey-counter-regressed"]
    assert (await browser.get("/v1/alarms")).json()["items"] == shown
    path = f"/v1/alarms/{shown[0]['id']}/acknowledge"
    assert (await browser.post(path)).status_code == 204
    assert (await browser.post(path)).json()["code"] == "alarm-not-found"
    assert (await browser.get("/v1/alarms")).json()["items"] == []


@requirement("serving.step-up", "serving.passkeys")
async def test_an_act_is_confirmed_for_one_request_alone(
    served: Served, device: Authenticator
) -> None:
    browser = served.client()
    await sign_in(browser, device)
    second = Authenticator()
    options = await stepped_up(browser, device, "POST", "/v1/passkeys/options")
    answer = second.create(options.json(), ADDRESS.origin)
    made = (await browser.post("/v1/passkeys", json={"answer": answer})).json()
    bare = await browser.delete(f"/v1/passkeys/{made['id']}")
    assert (bare.status_code, bare.json()["code"]) == (403, "step-up-required")

    action: dict[str, object] = {
        "method": "POST",
        "path": "/v1/recovery-codes",
        "query": {},
        "body": None,
    }
    asked = await browser.post("/v1/step-up/options", json={"action": action})
    given = await browser.post(
        "/v1/step-up",
        json={"action": action, "answer": device.get(asked.json(), ADDRESS.origin)},
    )
    assert given.json()["expires_in"] == 300
    header = {"Step-Up": given.json()["secret"]}
    other = await browser.delete(f"/v1/passkeys/{made['id']}", headers=header)
    assert (other.status_code, other.json()["code"]) == (403, "step-up-refused")
    assert (await browser.post("/v1/recovery-codes", headers=header)).status_code == 403

    gone = await stepped_up(browser, device, "DELETE", f"/v1/passkeys/{made['id']}")
    assert gone.status_code == 204


async def test_codes_are_made_anew_and_acknowledged(served: Served, device: Authenticator) -> None:
    browser = served.client()
    await sign_in(browser, device)

    fresh = await stepped_up(browser, device, "POST", "/v1/recovery-codes")

    assert len(fresh.json()["codes"]) == 10
    left = (await browser.get("/v1/recovery-codes")).json()
    assert (left["left"], left["acknowledged"]) == (10, False)
    done = await browser.post("/v1/recovery-codes/acknowledge")
    assert done.json()["acknowledged"]


@requirement("serving.recovery-codes")
async def test_a_code_opens_adding_a_passkey_and_nothing_else(served: Served) -> None:
    codes = (await give_passkey(served.node, served.bob.id, Authenticator())).codes
    browser, fresh = served.client(), Authenticator()
    begun = await browser.post("/v1/recovery", json={"code": codes[0].lower()})
    assert (begun.status_code, begun.json()["kind"]) == (201, "recovery")
    again = await served.client().post("/v1/recovery", json={"code": codes[0]})
    assert (again.status_code, again.json()["code"]) == (401, "recovery-code-refused")
    for path in ("/v1/memories", "/v1/passkeys", "/v1/sessions", "/v1/alarms"):
        assert (await browser.get(path)).status_code == 403, path
    assert (await browser.post("/v1/passkeys/options")).status_code == 403

    options = await browser.post("/v1/recovery/passkey/options")
    answer = fresh.create(options.json(), ADDRESS.origin)
    done = await browser.post("/v1/recovery/passkey", json={"answer": answer})

    assert (done.status_code, done.json()["kind"]) == (201, "session")
    assert [each["kind"] for each in (await browser.get("/v1/alarms")).json()["items"]] == [
        "recovery-code-redeemed"
    ]
    assert (await sign_in(served.client(), fresh)).json()["person"] == served.bob.id
    late = await browser.post("/v1/recovery/passkey/options")
    assert (late.status_code, late.json()["code"]) == (403, "not-recovering")


async def test_what_prf_gave_a_page_is_dropped_at_the_door(
    served: Served, device: Authenticator
) -> None:
    browser = served.client()
    options = (await browser.post("/v1/sessions/options")).json()
    answer = device.get(options, ADDRESS.origin)
    answer["clientExtensionResults"] = {"prf": {"results": {"first": "c2VjcmV0"}}}

    done = await browser.post("/v1/sessions", json={"answer": answer})

    assert done.status_code == 201
    assert "c2VjcmV0" not in done.text
