"""Leaving by the pages: everything taken along, then erased, with a receipt."""

import json

import pytest

from tests.browser.browsing import Browsing


@pytest.mark.parametrize("passphrase", ["", "a lake behind three hills"])
def test_everything_is_taken_along_in_one_file(browsing: Browsing, passphrase: str) -> None:
    window = browsing.guest()
    window.open("/account")
    window.page.get_by_label("Passphrase of the archive").fill(passphrase)

    window.press("Make the archive")
    with window.page.expect_download() as saving:
        window.confirm()

    content = saving.value.path().read_bytes()
    assert saving.value.suggested_filename == "archive.mnemosyne"
    assert (content[:2] == b"PK") == (not passphrase)
    assert "your browser saves it" in window.page.inner_text("#archive")


def test_a_guest_is_erased_by_name_and_passkey_and_keeps_the_receipt(browsing: Browsing) -> None:
    window = browsing.guest()
    name = window.title()
    window.open("/account")
    window.page.get_by_role("link", name="See what an erase removes").click()
    field = window.page.get_by_label("Write your name")

    field.fill("Somebody else")
    window.press("Erase everything of mine")
    refused = window.refusal()
    field.fill(name)
    window.press("Erase everything of mine")
    asked = window.page.get_by_role("dialog").inner_text()
    window.confirm()
    window.page.get_by_role("heading", name="Everything of yours is erased").wait_for()
    with window.page.expect_download() as saving:
        window.page.get_by_role("link", name="Download the receipt").click()

    assert "Nothing was erased." in refused
    assert f"Erase everything of yours, for good: {name}" in asked
    assert json.loads(saving.value.path().read_text("utf-8"))
    assert window.page.get_by_role("navigation").count() == 0
    window.page.get_by_role("link", name="Done").click()
    window.page.wait_for_url(f"{window.url}/sign-in")
    window.press("Sign in with a passkey")
    assert "passkey" in window.refusal()
