"""Passkeys in a real browser, through the pages: the table of cases that a node has to decide."""

import json

import pytest
from playwright.sync_api import Request

from tests.browser.browsing import Browsing, Window
from tests.browser.forwarding import forwarding
from tests.requirements import requirement

_PRF = """async ([host, salt]) => {
  const got = await navigator.credentials.get({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: host, userVerification: "required",
    extensions: { prf: { eval: { first: new TextEncoder().encode(salt) } } } } });
  return Array.from(new Uint8Array(got.getClientExtensionResults().prf.results.first));
}"""
# What a browser would do that somebody changed.
_CARELESS = """
const get = navigator.credentials.get.bind(navigator.credentials);
navigator.credentials.get = (options) => {
  options.publicKey.userVerification = "discouraged";
  return get(options);
};"""
_SEND = """async ([path, body]) => {
  const answer = await fetch(path, { method: "POST", body,
    headers: { "Content-Type": "application/json" } });
  return [answer.status, await answer.json()];
}"""


def bodies(sent: list[Request], path: str) -> list[str]:
    """Return each body that went to ``path``."""
    return [each.post_data or "" for each in sent if each.url.endswith(path)]


def derived(window: Window) -> bytes:
    """Return what the passkey of the window derives for a fixed salt (PRF)."""
    host = window.url.partition("://")[2].partition(":")[0]
    return bytes(window.page.evaluate(_PRF, [host, "mnem/kek/test"]))


@requirement("web.passkeys")
def test_a_first_passkey_is_kept_by_the_device_and_has_counted_once(browsing: Browsing) -> None:
    window = browsing.window()
    device = window.authenticator()
    sent = window.sends()

    codes = window.enrol(browsing.node.invitation(), "Grace Hopper")

    (credential,) = device.credentials
    assert credential["isResidentCredential"]
    assert credential["signCount"] == 1
    assert credential["rpId"] == "mnemosyne.localhost"
    assert len(set(codes)) == 10
    assert window.title() == "Grace Hopper"
    (made,) = [json.loads(each) for each in bodies(sent, "/v1/enrolment")]
    assert "results" not in made["answer"]["clientExtensionResults"].get("prf", {})


@requirement("web.passkeys")
def test_a_device_does_not_make_a_second_passkey_for_the_same_person(browsing: Browsing) -> None:
    window = browsing.guest()
    window.open("/devices")
    window.page.get_by_label("Add a passkey").fill("The same again")

    window.press("Add it")
    window.confirm()

    assert "This device has a passkey for you already." in window.refusal()


@requirement("web.passkeys")
def test_a_passkey_says_who_it_is_of(browsing: Browsing) -> None:
    window = browsing.guest()
    name = window.title()
    window.sign_out()
    sent = window.sends()

    window.sign_in()

    assert window.title() == name
    answer = json.loads(bodies(sent, "/v1/sessions")[-1])["answer"]
    assert answer["response"]["userHandle"]


@requirement("web.passkeys")
def test_the_browser_offers_passkeys_in_the_field_by_itself(browsing: Browsing) -> None:
    window = browsing.guest(offers=True)
    name = window.title()
    window.context.clear_cookies()

    window.open("/sign-in?next=%2Faccount")

    window.page.wait_for_url(f"{window.url}/account")
    assert name in window.page.inner_text("main")


@requirement("web.passkeys")
def test_an_answer_signs_in_once(browsing: Browsing) -> None:
    window = browsing.guest()
    window.sign_out()
    sent = window.sends()
    window.sign_in()
    window.sign_out()

    body = bodies(sent, "/v1/sessions")[-1]
    status, problem = window.page.evaluate(_SEND, ["/v1/sessions", body])

    assert (status, problem["code"]) == (401, "passkey-refused")


@requirement("web.passkeys")
def test_nobody_gets_in_whom_the_device_does_not_recognise(browsing: Browsing) -> None:
    window = browsing.window()
    device = window.authenticator()
    window.enrol(browsing.node.invitation())
    window.context.clear_cookies()
    device.recognise(user=False)
    window.open("/sign-in")

    window.press("Sign in with a passkey")

    assert "No passkey was given." in window.refusal()
    assert window.path() == "/sign-in"


@requirement("web.passkeys")
def test_the_node_refuses_who_was_not_recognised_even_if_the_browser_does_not(
    browsing: Browsing,
) -> None:
    window = browsing.window()
    device = window.authenticator()
    window.enrol(browsing.node.invitation())
    window.context.clear_cookies()
    device.recognise(user=False)
    window.page.add_init_script(_CARELESS)
    window.open("/sign-in")

    window.press("Sign in with a passkey")

    assert "passkey" in window.refusal()
    assert window.path() == "/sign-in"
    assert window.context.cookies(window.url) == [] or window.title() == "Sign in"


@requirement("web.passkeys")
def test_a_copy_that_counts_backwards_is_refused_and_its_owner_is_told(browsing: Browsing) -> None:
    window = browsing.window()
    device = window.authenticator()
    window.enrol(browsing.node.invitation())
    (first,) = device.credentials
    for _ in range(2):
        window.sign_out()
        window.sign_in()
    (third,) = device.credentials
    assert third["signCount"] == 3
    window.sign_out()
    device.put_back({**first, "signCount": 0})

    window.press("Sign in with a passkey")

    assert "passkey" in window.refusal()
    assert window.path().startswith("/sign-in")
    device.put_back({**third, "signCount": 3})
    window.open("/sign-in")
    window.sign_in()
    assert "counted backwards" in window.page.inner_text("main")
    window.open("/devices")
    window.press("I have seen it")
    assert "Noted." in window.page.get_by_role("status").inner_text()
    assert "counted backwards" not in window.page.inner_text("main")


@requirement("web.passkeys")
def test_a_second_device_signs_in_as_well_and_derives_another_secret(browsing: Browsing) -> None:
    window = browsing.window()
    laptop = window.authenticator()
    window.enrol(browsing.node.invitation())
    name = window.title()
    of_laptop = derived(window)
    laptop_alone = laptop.credentials[0]
    window.authenticator("usb")
    window.open("/devices")
    window.page.get_by_label("Add a passkey").fill("Key on my ring")
    window.press("Add it")
    window.confirm()
    window.page.wait_for_url("**/devices?done=passkey-added")
    window.sign_out()

    laptop.remove()
    window.open("/sign-in")
    window.sign_in()

    assert laptop_alone["signCount"] >= 1
    assert window.title() == name
    of_key = derived(window)
    assert len(of_laptop) == len(of_key) == 32
    assert of_laptop != of_key


@requirement("web.passkeys")
def test_one_passkey_derives_the_same_secret_at_each_login(browsing: Browsing) -> None:
    window = browsing.guest()
    before = derived(window)
    window.sign_out()
    window.sign_in()

    after = derived(window)

    assert len(before) == 32
    assert before == after


@requirement("web.passkeys")
@pytest.mark.parametrize("host", ["mnemosyne.localhost", "localhost"])
def test_a_passkey_signs_nobody_in_from_another_port_or_host(browsing: Browsing, host: str) -> None:
    window = browsing.guest()
    window.context.clear_cookies()

    with forwarding(window.url) as port:
        elsewhere = f"http://{host}:{port}"
        window.page.goto(f"{elsewhere}/sign-in")
        window.press("Sign in with a passkey")
        told = window.refusal()

    assert window.page.url == f"{elsewhere}/sign-in"
    if host == "mnemosyne.localhost":  # the passkey answers there, and the node refuses the origin
        assert "passkey" in told
        assert "lets no passkey be used" not in told
    else:
        assert "lets no passkey be used at this address" in told
