"""Guesses that would be refused anyway, and everything else, which passes."""

from datetime import timedelta

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.http.shedding import LoadShedding
from tests.api.asgi import Answer, ask
from tests.clock import SetClock
from tests.requirements import requirement

GUARDED = {("POST", "/v1/sessions"): "sign_in", ("POST", "/v1/recovery"): "recovery"}
INSIDE = PlainTextResponse("inside")
ATTACKER = "192.0.2.1"


@pytest.fixture
def limits(clock: SetClock) -> Limits:
    return Limits(clock, Rates.of(600), room=1)  # six sign-ins, one recovery code a minute


@pytest.fixture
def app(limits: Limits) -> ASGIApp:
    return LoadShedding(INSIDE, GUARDED, limits, Proxies())


async def asked(
    app: ASGIApp, path: str = "/v1/recovery", method: str = "POST", client: str = ATTACKER
) -> Answer:
    return await ask(app, path, method, client=client)


@requirement("serving.limits")
async def test_a_guess_too_many_is_refused_before_the_operation_and_told_when_again(
    app: ASGIApp, limits: Limits, clock: SetClock
) -> None:
    limits["recovery"].take(ATTACKER)
    clock.advance(timedelta(seconds=18))
    refused = await asked(app)
    clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))

    assert (refused.status, refused.headers["retry-after"]) == (429, "42")
    assert refused.json["code"] == "too-many-requests"
    assert (await asked(app)).body == b"inside"


async def test_what_is_passed_on_is_counted_by_the_operation_alone(
    app: ASGIApp, limits: Limits
) -> None:
    answers = [await asked(app) for _ in range(3)]

    assert [answer.status for answer in answers] == [200] * 3
    assert len(limits["recovery"]) == 0


async def test_the_guesses_of_an_address_put_no_other_off(app: ASGIApp, limits: Limits) -> None:
    limits["recovery"].take(ATTACKER)

    assert (await asked(app)).status == 429
    assert (await asked(app, client="192.0.2.2")).status == 200
    assert (await asked(app, "/v1/sessions")).status == 200


async def test_while_as_many_guess_as_may_a_further_one_is_told_that_the_node_is_busy(
    app: ASGIApp, limits: Limits
) -> None:
    with limits.room("recovery"):
        refused = await asked(app, client="192.0.2.2")

    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    assert refused.json["code"] == "busy-now"
    assert (await asked(app, client="192.0.2.2")).status == 200


async def test_recovery_codes_that_are_looked_at_keep_no_passkey_out(
    app: ASGIApp, limits: Limits
) -> None:
    with limits.room("recovery"):
        assert (await asked(app, "/v1/sessions")).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/recovery"), ("POST", "/v1/recovery/passkey"), ("POST", "/v1/memories")],
)
async def test_whatever_else_is_asked_passes(
    app: ASGIApp, limits: Limits, method: str, path: str
) -> None:
    limits["recovery"].take(ATTACKER)
    with limits.room("recovery"):
        assert (await asked(app, path, method)).body == b"inside"
