"""Step-up, recovery, invitations, tokens, sessions: what a person does with their ways in."""

import json

from tests.browser.browsing import Browsing
from tests.browser.test_passkeys import bodies
from tests.requirements import requirement

_REPEAT = """async ([path, method, body, secret]) => {
  const headers = { "Step-Up": secret };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, body, headers });
  return [answer.status, (await answer.json()).code];
}"""


@requirement("web.passkeys")
def test_a_dangerous_act_waits_for_the_passkey_and_is_let_be(browsing: Browsing) -> None:
    window = browsing.guest()
    window.open("/tokens")
    window.page.get_by_label("What is it for?").fill("Nightly import")

    window.press("Make the token")
    dialog = window.page.get_by_role("dialog")
    asked = dialog.inner_text()
    window.press("Leave it")

    assert "Make a token for Nightly import" in asked
    assert "memory:read" in asked
    assert "for 90 days" in asked
    dialog.wait_for(state="hidden")
    window.open("/tokens")
    assert "No program has a token of yours." in window.page.inner_text("main")


@requirement("web.passkeys")
def test_a_confirmation_is_good_for_one_act_once(browsing: Browsing) -> None:
    window = browsing.guest()
    sent = window.sends()
    window.open("/tokens")
    window.page.get_by_label("What is it for?").fill("Nightly import")
    window.press("Make the token")
    window.confirm()
    secret = window.page.locator("output").inner_text()
    assert "No program has a token of yours." not in window.page.inner_text("main")
    (confirmed,) = [each for each in sent if "step-up" in each.headers]
    body, confirmation = confirmed.post_data, confirmed.headers["step-up"]

    again = window.page.evaluate(_REPEAT, ["/v1/tokens", "POST", body, confirmation])
    other = window.page.evaluate(_REPEAT, ["/v1/recovery-codes", "POST", None, confirmation])

    assert secret.startswith("mnem_")
    assert again == other == [403, "step-up-refused"]
    window.page.get_by_role("link", name="Done").click()
    window.page.get_by_role("button", name="Revoke Nightly import").click()
    window.page.wait_for_url("**/tokens?done=token-revoked")


@requirement("web.passkeys")
def test_a_recovery_code_opens_one_thing_and_its_use_is_told(browsing: Browsing) -> None:
    window = browsing.window()
    lost = window.authenticator()
    codes = window.enrol(browsing.node.invitation())
    name = window.title()
    window.sign_out()
    lost.remove()
    window.authenticator("usb")
    window.page.get_by_role("link", name="I have lost my passkeys").click()

    window.page.get_by_label("Recovery code").fill(codes[3].lower().replace("-", " "))
    window.press("Use this code")
    window.page.get_by_label("Name of this passkey").wait_for()
    window.open("/account")
    kept_out = window.path()
    window.page.get_by_label("Name of this passkey").fill("A new key")
    window.press("Make the passkey")
    window.page.wait_for_url("**/devices?done=came-back")

    assert kept_out == "/recover"
    main = window.page.inner_text("main")
    assert "9 recovery codes are left of 10." in main
    assert "Somebody came in with one of your recovery codes." in main
    window.open("/")
    assert window.title() == name
    assert "Look at this first" in window.page.inner_text("main")
    window.sign_out()
    window.open("/recover")
    window.page.get_by_label("Recovery code").fill(codes[3])
    window.press("Use this code")
    assert "does not let anybody in" in window.refusal()


def test_new_codes_take_the_place_of_old_ones(browsing: Browsing) -> None:
    window = browsing.window()
    window.authenticator()
    old = window.enrol(browsing.node.invitation())
    window.open("/devices")

    window.press("Make a new set")
    window.confirm()
    window.page.locator(".codes li").first.wait_for()
    new = window.page.locator(".codes code").all_inner_texts()
    with window.page.expect_download() as downloading:
        window.page.get_by_role("link", name="Download").click()
    window.page.get_by_role("checkbox").check()
    window.press("Done")
    window.page.wait_for_url("**/devices?done=codes-made")

    assert len(new) == 10
    assert not set(old) & set(new)
    sheet = downloading.value.path().read_text("utf-8")
    assert all(code in sheet for code in new)
    assert f"{window.url}/recover" in sheet
    assert downloading.value.suggested_filename == "mnemosyne-recovery-codes.txt"


def test_the_set_up_does_not_end_before_the_codes_are_said_to_be_kept(browsing: Browsing) -> None:
    window = browsing.window()
    window.authenticator()
    window.page.goto(browsing.node.invitation())
    window.press("Make the passkey")
    window.page.locator(".codes li").first.wait_for()

    window.press("Done")

    assert window.title() == "Keep these codes"
    assert window.path() == "/invite"


def test_an_invitation_lets_one_person_in(browsing: Browsing) -> None:
    window = browsing.window()
    window.authenticator()
    window.enrol(browsing.node.registration)
    window.open("/invitations")
    window.page.get_by_label("Their name").fill("Hedy Lamarr")
    window.press("Make the invitation")
    window.confirm()
    address = window.page.locator("output").inner_text()
    assert "as Hedy Lamarr" in window.page.inner_text("main")
    guest = browsing.window()
    guest.authenticator()

    guest.page.goto(address)
    guest.page.get_by_text("to be called Hedy Lamarr").wait_for()
    shown = guest.page.url
    asked = guest.page.inner_text("main")
    guest.press("Make the passkey")
    guest.page.locator(".codes li").first.wait_for()

    assert "Whoever can unlock this vault can read everything in it" in asked
    assert shown == f"{guest.url}/invite"  # what lets them in is taken out of the address at once
    late = browsing.window()
    late.authenticator()
    late.page.goto(address)
    late.press("Make the passkey")
    assert "does not let anybody in" in late.refusal()
    window.open("/invitations")
    assert "Hedy Lamarr" in window.page.inner_text("main")


def test_a_link_that_is_not_whole_is_explained(browsing: Browsing) -> None:
    window = browsing.window()

    window.open("/register")

    assert "This page needs the whole link." in window.refusal()
    assert window.page.get_by_role("button", name="Make the passkey").is_disabled()


@requirement("web.passkeys")
def test_the_last_passkey_stays_and_another_one_may_go(browsing: Browsing) -> None:
    window = browsing.guest()
    window.open("/devices")
    window.page.get_by_text("Change Passkey").click()
    alone = window.page.inner_text("#passkeys")
    window.authenticator("usb")
    window.page.get_by_label("Add a passkey").fill("Key on my ring")
    window.press("Add it")
    window.confirm()
    window.page.wait_for_url("**/devices?done=passkey-added")

    window.page.get_by_text("Change Key on my ring").click()
    window.page.get_by_role("button", name="Remove Key on my ring").click()
    asked = window.page.get_by_role("dialog").inner_text()
    window.confirm()
    window.page.wait_for_url("**/devices?done=passkey-removed")

    assert "Your only passkey cannot be removed" in alone
    assert "Remove the passkey Key on my ring" in asked
    assert "Key on my ring" not in window.page.inner_text("#passkeys")


def test_a_session_elsewhere_is_ended_from_the_list(browsing: Browsing) -> None:
    window = browsing.guest()
    elsewhere = browsing.window(storage_state=window.context.storage_state())
    elsewhere.open("/account")
    window.sign_out()
    elsewhere.open("/account")
    assert elsewhere.path() == "/sign-in?next=%2Faccount"
    window.sign_in()
    stolen = browsing.window(storage_state=window.context.storage_state())
    window.context.clear_cookies()
    window.open("/sign-in")
    window.sign_in()
    window.open("/devices")

    window.press("End all others")

    window.page.wait_for_url("**/devices?done=others-ended")
    stolen.open("/account")
    assert stolen.path() == "/sign-in?next=%2Faccount"


def test_no_secret_of_a_link_is_asked_for_over_the_network(browsing: Browsing) -> None:
    window = browsing.window()
    window.authenticator()
    sent = window.sends()
    address = browsing.node.invitation()

    window.enrol(address)

    secret = address.partition("#")[2]
    assert not [each.url for each in sent if secret in each.url.partition("#")[0]]
    assert json.loads(bodies(sent, "/v1/enrolment")[0])["secret"] == secret
