"""Row E10: what is signed or good once is not good twice, elsewhere, later, or altered."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts.challenges import LIFETIME
from mnemosyne.identity.log import lines
from tests.api.asgi import Answer
from tests.requirements import requirement
from tests.security import ceremonies
from tests.security.callers import Browser, Callers, signed_in
from tests.security.confirming import confirmed
from tests.security.policy import Call
from tests.security.rows import add_passkey, with_did
from tests.security.world import World
from tests.serving import ADDRESS

Ceremony = Callable[[World, Callers, Call], Awaitable[tuple[Browser | None, Call]]]
ONCE = [
    (ceremonies.sign_in, "/v1/sessions", "passkey-refused"),
    (ceremonies.enrol, "/v1/enrolment", "enrolment-invalid"),
    (ceremonies.redeem, "/v1/recovery", "recovery-code-refused"),
    (ceremonies.add_passkey, "/v1/passkeys", "passkey-unusable"),
    (ceremonies.add_recovering, "/v1/recovery/passkey", "not-signed-in"),
    (ceremonies.confirm, "/v1/step-up", "step-up-refused"),
]
TIMED = [each for each in ONCE if each[0] not in {ceremonies.redeem, ceremonies.add_recovering}]
MEMORIES = "/v1/memories"


@pytest.fixture
async def callers(world: World) -> Callers:
    return await signed_in(world)


async def send(world: World, browser: Browser | None, call: Call) -> Answer:
    headers = {**call.headers, **({} if browser is None else browser.headers)}
    body = b"" if call.body is None else json.dumps(call.body).encode()
    return await world.ask(call.method, call.target, headers, body)


def bent(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return an answer with one byte of its signature, or else of its key, changed."""
    response = value["answer"]["response"]
    name = "signature" if "signature" in response else "attestationObject"
    text = response[name]
    place = len(text) // 2
    other = "A" if text[place] != "A" else "B"
    changed = response | {name: text[:place] + other + text[place + 1 :]}
    return value | {"answer": value["answer"] | {"response": changed}}


@pytest.mark.parametrize(("ceremony", "path", "code"), ONCE)
@requirement("serving.replay")
async def test_what_is_good_once_is_not_good_twice(
    world: World, callers: Callers, ceremony: Ceremony, path: str, code: str
) -> None:
    browser, call = await ceremony(world, callers, Call("POST", path))

    first, again = await send(world, browser, call), await send(world, browser, call)

    assert first.status == 201
    assert again.json["code"] == code


@pytest.mark.parametrize(("ceremony", "path", "code"), TIMED)
@requirement("serving.replay")
async def test_what_is_answered_after_five_minutes_is_refused(
    world: World, callers: Callers, ceremony: Ceremony, path: str, code: str
) -> None:
    browser, call = await ceremony(world, callers, Call("POST", path))
    world.clock.advance(LIFETIME)

    late = await send(world, browser, call)

    assert late.json["code"] in {code, "passkey-unusable"}


@pytest.mark.parametrize(
    ("ceremony", "path", "code"), [each for each in ONCE if each[0] is not ceremonies.redeem]
)
@requirement("serving.replay")
async def test_a_byte_that_was_changed_is_found(
    world: World, callers: Callers, ceremony: Ceremony, path: str, code: str
) -> None:
    browser, call = await ceremony(world, callers, Call("POST", path))
    if "passkey" in path or "enrolment" in path:
        call.body["answer"]["id"] = call.body["answer"]["rawId"] = "AAAA"
        altered = call
    else:
        altered = Call(call.method, call.target, call.headers, bent(call.body))

    refused = await send(world, browser, altered)

    assert refused.status in {400, 401, 403, 422}
    assert refused.json["code"] in {code, "passkey-unusable"}


@requirement("serving.replay")
async def test_an_answer_to_another_browser_signs_nobody_in(world: World, callers: Callers) -> None:
    _, call = await ceremonies.sign_in(world, callers, Call("POST", "/v1/sessions"))
    other = (await world.ask("POST", "/v1/sessions/options")).headers["set-cookie"]
    stolen = Call(call.method, call.target, {"Cookie": other.partition(";")[0]}, call.body)

    for headers in (stolen.headers, {}):
        answer = await send(world, None, Call(call.method, call.target, headers, call.body))
        assert (answer.status, answer.json["code"]) == (401, "passkey-refused")


@requirement("serving.replay")
async def test_an_answer_for_one_purpose_is_none_for_another(
    world: World, callers: Callers
) -> None:
    browser, confirming = await ceremonies.confirm(world, callers, Call("POST", "/v1/step-up"))
    _, signing = await ceremonies.sign_in(world, callers, Call("POST", "/v1/sessions"))
    as_sign_in = Call(
        "POST", "/v1/sessions", signing.headers, {"answer": confirming.body["answer"]}
    )
    as_step_up = Call(
        "POST", "/v1/step-up", {}, confirming.body | {"answer": signing.body["answer"]}
    )

    assert (await send(world, None, as_sign_in)).json["code"] == "passkey-refused"
    assert (await send(world, browser, as_step_up)).json["code"] == "step-up-refused"


@requirement("serving.replay")
async def test_an_answer_of_another_persons_passkey_confirms_nothing(
    world: World, callers: Callers
) -> None:
    device, ada = Authenticator(), callers.ada
    await add_passkey(world, world.bob, device)
    action: dict[str, Any] = {"method": "GET", "path": MEMORIES, "query": {}, "body": None}
    asked = Call("POST", "/v1/step-up/options", {}, {"action": action})
    options = (await send(world, ada, asked)).json | {"allowCredentials": []}
    answer = device.get(options, ADDRESS.origin)

    refused = await send(
        world, ada, Call("POST", "/v1/step-up", {}, {"action": action, "answer": answer})
    )

    assert refused.json["code"] == "step-up-refused"


@requirement("serving.replay")
async def test_a_ceremony_of_one_session_is_none_of_another(world: World, callers: Callers) -> None:
    for ceremony, path, code in [ONCE[3], ONCE[5]]:
        _, call = await ceremony(world, callers, Call("POST", path))
        another = Browser(*await world.session(world.ada))
        assert (await send(world, another, call)).json["code"] == code
        _, call = await ceremony(world, callers, Call("POST", path))
        assert (await send(world, callers.bob, call)).json["code"] == code


@requirement("serving.replay")
async def test_a_confirmation_lets_one_request_through_once_and_for_five_minutes(
    world: World, callers: Callers
) -> None:
    path, ada = "/v1/passkeys/options", callers.ada
    once = confirmed(world, ada.session, "POST", path)
    late = confirmed(world, ada.session, "POST", path)
    elsewhere = confirmed(world, ada.session, "POST", path + "/x")
    with_query = confirmed(world, ada.session, "POST", path + "?a=b")

    async def asked(confirmation: dict[str, str]) -> int:
        return (await send(world, ada, Call("POST", path, confirmation))).status

    assert [await asked(once), await asked(once)] == [200, 403]
    assert [await asked(elsewhere), await asked(with_query)] == [403, 403]
    world.clock.advance(LIFETIME)
    assert await asked(late) == 403


@requirement("serving.replay")
async def test_an_idempotency_key_names_one_request_of_one_person(
    world: World, callers: Callers
) -> None:
    def capture(content: str) -> Call:
        return Call("POST", MEMORIES, {"Idempotency-Key": "key"}, {"content": content})

    first, again = [await send(world, callers.ada, capture("one")) for _ in range(2)]
    other = await send(world, callers.ada, capture("two"))
    of_bob = await send(world, callers.bob, capture("two"))

    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert other.json["code"] == "idempotency-conflict"
    assert of_bob.status == 201


@requirement("serving.replay")
async def test_entries_of_a_did_are_taken_once_whole_and_for_that_did(world: World) -> None:
    people = [await world.person(name) for name in ("Carol", "Dave")]
    for who in people:
        await with_did(world, who)
    carol, dave = [await world.node.identities.mine(world.served.principal(who)) for who in people]
    log = lines(carol.history.entries)
    altered = log.replace(b'"parameters"', b'"parametrs"', 1)

    async def pushed(did: str, data: bytes) -> Answer:
        world.clock.advance(timedelta(minutes=1))
        headers = {"Content-Type": "application/jsonl"}
        return await world.ask("POST", f"/1.0/mnem/{did}/log", headers, data)

    assert [(await pushed(carol.did, log)).status for _ in range(2)] == [200, 200]
    assert (await pushed(carol.did, log)).json["entries"] == len(carol.history.entries)
    assert altered != log
    assert (await pushed(carol.did, altered)).status == 400
    assert (await pushed(dave.did, log)).status == 400
