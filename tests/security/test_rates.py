"""Row E2: limits as a client meets them, by address, person and token."""

from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from mnemosyne.api.app import api_app, node_app
from mnemosyne.api.operations import guarded
from mnemosyne.http.clients import Proxies
from mnemosyne.http.limits import Limits, Rates
from tests.api.asgi import Answer
from tests.requirements import requirement
from tests.security.callers import cookie_of
from tests.security.world import Headers, World
from tests.serving import ADDRESS

ANYBODYS = "/health/live"
OWN = "/v1/account"


def app_of(world: World, *proxies: str, **rates: int) -> ASGIApp:
    """Return the node with limits of the test's own; what is not named is not limited."""
    chosen = dict.fromkeys(Rates.__slots__, 10**6) | rates
    return node_app(
        world.node, ADDRESS, Limits(world.clock, Rates(**chosen)), Proxies.parse(proxies)
    )


async def many(
    world: World, app: ASGIApp, number: int, target: str = ANYBODYS, **how: object
) -> list[Answer]:
    """Ask so many times and return the answers."""
    headers: Headers = dict(how.get("headers") or {})  # type: ignore[call-overload]
    client = str(how.get("client", "192.0.2.1"))
    return [await world.ask("GET", target, headers, app=app, client=client) for _ in range(number)]


def statuses(answers: list[Answer]) -> list[int]:
    return [answer.status for answer in answers]


@requirement("serving.limits")
async def test_an_address_is_answered_so_often_and_again_after_what_it_was_told(
    world: World,
) -> None:
    app = app_of(world, stranger=3)
    answers = await many(world, app, 4)
    told = int(answers[-1].headers["retry-after"])

    world.clock.advance(timedelta(seconds=told - 1))
    early = await many(world, app, 1)
    world.clock.advance(timedelta(seconds=1))
    later = await many(world, app, 4)

    assert statuses(answers) == [200, 200, 200, 429]
    assert answers[-1].json["code"] == "too-many-requests"
    assert (statuses(early), early[0].headers["retry-after"]) == ([429], "1")
    assert statuses(later) == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP"]
)
@requirement("serving.limits")
async def test_an_address_that_a_client_claims_gives_it_no_further_answer(
    world: World, header: str
) -> None:
    app = app_of(world, stranger=1)
    first = await many(world, app, 1)
    claims = [
        await many(world, app, 1, headers={header: f"198.51.100.{number}"}) for number in range(3)
    ]

    assert statuses(first) == [200]
    assert [statuses(each) for each in claims] == [[429]] * 3


@requirement("serving.limits")
async def test_behind_a_named_proxy_each_client_of_it_is_one(world: World) -> None:
    app = app_of(world, "127.0.0.1", stranger=1)
    found = [
        await many(world, app, 2, client="127.0.0.1", headers={"X-Forwarded-For": each})
        for each in ("198.51.100.1", "203.0.113.7, 198.51.100.2", "2001:db8::1")
    ]
    same = await many(
        world, app, 1, client="127.0.0.1", headers={"X-Forwarded-For": "2001:db8::ffff"}
    )

    assert [statuses(each) for each in found] == [[200, 429]] * 3
    assert statuses(same) == [429]


@requirement("serving.limits")
async def test_a_flood_from_an_address_keeps_nobody_out_who_is_signed_in_behind_it(
    world: World,
) -> None:
    app, cookie = app_of(world, stranger=1), await cookie_of(world, world.ada)
    token, _ = await world.token(world.ada)
    flood = await many(world, app, 5)

    browser = await many(world, app, 5, OWN, headers=cookie)
    script = await many(world, app, 5, "/v1/memories", headers=token)

    assert statuses(flood) == [200, 429, 429, 429, 429]
    assert statuses(browser) == statuses(script) == [200] * 5


@requirement("serving.limits")
async def test_a_flood_of_guesses_is_refused_with_the_headers_of_every_answer_and_keeps_nobody_out(
    world: World,
) -> None:
    app, cookie = app_of(world, recovery=1), await cookie_of(world, world.ada)
    flood = [
        await world.ask("POST", "/v1/recovery", {}, b'{"code":"AAAA"}', app=app, client="192.0.2.1")
        for _ in range(3)
    ]
    browser = await many(world, app, 2, OWN, headers=cookie)

    assert statuses(flood) == [401, 429, 429]
    assert flood[2].headers["retry-after"] == "60"
    assert flood[2].headers["content-security-policy"]
    assert statuses(browser) == [200, 200]


async def test_each_operation_at_which_strangers_try_secrets_has_a_rate_of_its_own(
    world: World,
) -> None:
    routes = api_app(world.node, ADDRESS, Limits(world.clock)).router.routes

    assert guarded(routes) == {
        ("POST", "/v1/sessions"): "sign_in",
        ("POST", "/v1/sessions/options"): "sign_in",
        ("POST", "/v1/recovery"): "recovery",
        ("POST", "/v1/enrolment"): "enrolment",
        ("POST", "/v1/enrolment/options"): "enrolment",
    }


@requirement("serving.limits")
async def test_who_tries_credentials_that_are_none_is_put_off_as_a_stranger(world: World) -> None:
    app = app_of(world, stranger=2)
    garbage = {"Authorization": "Bearer mnem_garbage"}

    answers = await many(world, app, 3, OWN, headers=garbage)

    assert statuses(answers) == [401, 401, 429]


@requirement("serving.limits")
async def test_a_person_is_answered_so_often_in_all_their_browsers_and_another_apart(
    world: World,
) -> None:
    app = app_of(world, person=3)
    one, other = await cookie_of(world, world.ada), await cookie_of(world, world.ada)
    bob = await cookie_of(world, world.bob)

    answers = await many(world, app, 2, OWN, headers=one)
    answers += await many(world, app, 2, OWN, headers=other, client="198.51.100.9")

    assert statuses(answers) == [200, 200, 200, 429]
    assert statuses(await many(world, app, 1, OWN, headers=bob)) == [200]


@requirement("serving.limits")
async def test_a_token_is_answered_so_often_and_its_person_all_the_same(world: World) -> None:
    app = app_of(world, token=2)
    token, _ = await world.token(world.ada)
    another, _ = await world.token(world.ada)

    answers = await many(world, app, 3, "/v1/memories", headers=token)

    assert statuses(answers) == [200, 200, 429]
    assert statuses(await many(world, app, 1, "/v1/memories", headers=another)) == [200]
    browser = await cookie_of(world, world.ada)
    assert statuses(await many(world, app, 1, OWN, headers=browser)) == [200]


@requirement("serving.limits")
async def test_many_tokens_of_one_person_are_that_person(world: World) -> None:
    app = app_of(world, person=2)
    tokens = [(await world.token(world.ada))[0] for _ in range(3)]

    answers = [await many(world, app, 1, "/v1/memories", headers=each) for each in tokens]

    assert [statuses(each) for each in answers] == [[200], [200], [429]]
