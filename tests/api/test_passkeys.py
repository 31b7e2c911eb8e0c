from datetime import timedelta

from demo.authenticator import Authenticator
from mnemosyne.accounts import enrolments
from mnemosyne.accounts.enrolments import EnrolmentKind
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import ADDRESS, Served

ORIGIN = ADDRESS.origin


async def link(served: Served) -> str:
    at = served.clock()
    return await served.node.database.write(
        lambda tx: enrolments.add(tx, EnrolmentKind.LINK, served.ada.id, "", at)[1]
    )


@requirement("serving.enrolment")
async def test_a_one_time_link_and_a_passkey_make_an_account_that_signs_in(
    served: Served,
) -> None:
    device, browser, secret = Authenticator(), served.client(), await link(served)

    options = await browser.post("/v1/enrolment/options", json={"secret": secret})
    answer = device.create(options.json(), ORIGIN)
    made = await browser.post("/v1/enrolment", json={"secret": secret, "answer": answer})

    assert made.status_code == 201, made.text
    assert made.json()["name"] == "Ada"
    assert len(made.json()["codes"]) == 10
    assert (await browser.get("/v1/sessions")).json()["items"][0]["current"]
    again = await browser.post("/v1/enrolment", json={"secret": secret, "answer": answer})
    assert again.json()["code"] == "enrolment-invalid"
    other = served.client()
    signed_in = await sign_in(other, device)
    assert signed_in.status_code == 201, signed_in.text
    assert signed_in.json()["person"] == served.ada.id
    assert len((await other.get("/v1/sessions")).json()["items"]) == 2


async def test_another_passkey_is_added_once_a_first_one_confirms_it(served: Served) -> None:
    first, second, browser = Authenticator(), Authenticator(), served.client()
    await give_passkey(served.node, served.ada.id, first)
    await sign_in(browser, first)
    served.clock.advance(timedelta(seconds=1))

    options = await stepped_up(browser, first, "POST", "/v1/passkeys/options")
    answer = second.create(options.json(), ORIGIN)
    made = await browser.post("/v1/passkeys", json={"answer": answer, "name": "Phone"})

    assert made.status_code == 201, made.text
    assert [each["name"] for each in (await browser.get("/v1/passkeys")).json()["items"]] == [
        "Passkey",
        "Phone",
    ]
    assert (await sign_in(served.client(), second)).status_code == 201


async def test_a_passkey_is_known_renamed_and_of_nobody_else(served: Served) -> None:
    device, other = Authenticator(), Authenticator()
    await give_passkey(served.node, served.ada.id, device)
    await give_passkey(served.node, served.bob.id, other)
    browser = served.client()
    await sign_in(browser, device)
    mine = (await browser.get("/v1/passkeys")).json()["items"][0]
    assert (mine["usable_here"], mine["host"]) == (True, "mnemosyne.localhost")

    renamed = await browser.patch(f"/v1/passkeys/{mine['id']}", json={"name": "Key"})
    assert renamed.json()["name"] == "Key"
    last = await stepped_up(browser, device, "DELETE", f"/v1/passkeys/{mine['id']}")
    assert (last.status_code, last.json()["code"]) == (409, "last-passkey")
    bob = await served.as_person(served.bob)
    theirs = await bob.patch(f"/v1/passkeys/{mine['id']}", json={"name": "Mine"})
    absent = await bob.patch(f"/v1/passkeys/{'0' * 32}", json={"name": "Mine"})
    assert (theirs.status_code, theirs.content) == (404, absent.content)
    options = await stepped_up(browser, device, "POST", "/v1/passkeys/options")
    evil = Authenticator().create(options.json(), "http://evil.example")
    refused = await browser.post("/v1/passkeys", json={"answer": evil})
    assert (refused.status_code, refused.json()["code"]) == (403, "passkey-unusable")
