"""Row E9: no page of another origin acts as the person who is signed in, however it asks."""

from itertools import product

import pytest

from tests.requirements import requirement
from tests.security.callers import cookie_of
from tests.security.world import World
from tests.serving import ADDRESS

OWN = ADDRESS.origin
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ORIGINS = {
    "": True,  # decided by the other header
    OWN: True,
    OWN.upper(): False,
    f"{OWN}/": False,
    OWN.replace("http:", "https:"): False,
    "http://mnemosyne.localhost": False,
    "http://mnemosyne.localhost:8761": False,
    "http://evil.mnemosyne.localhost:8760": False,
    "http://localhost:8760": False,
    "http://mnemosyne.localhost:8760.attacker.example": False,
    "https://attacker.example": False,
    "null": False,
}
SITES = {"": True, "same-origin": True, "none": True, "same-site": False, "cross-site": False}
NEITHER = ("", "")
# What a form of the node's own pages sends, which tell no referrer (Fetch §3.2).
FORM_OF_OURS = ("null", "same-origin")


def allowed(origin: str, site: str) -> bool:
    """Say whether a browser that sends these may act: one of the two has to vouch for it.

    A form of a page that tells no referrer has the origin “null” (Fetch §3.2), and so has a
    sandboxed page of anybody, whose requests are never of the same origin.
    """
    if origin == "null":
        return site == "same-origin"
    if (origin, site) == FORM_OF_OURS:
        return True
    return (origin, site) != NEITHER and ORIGINS[origin] and SITES[site]


def sent(origin: str, site: str, **more: str) -> dict[str, str]:
    """Return the headers of a request; an empty value is one that is not sent."""
    return {"Origin": origin, "Sec-Fetch-Site": site, **more}


@pytest.mark.parametrize("method", UNSAFE)
@requirement("serving.cross-site")
async def test_a_browser_acts_only_from_the_nodes_own_pages(world: World, method: str) -> None:
    cookie = await cookie_of(world, world.ada)
    wrong = {}
    for origin, site in product(ORIGINS, SITES):
        answer = await world.ask(method, "/v1/nowhere", {**cookie, **sent(origin, site)})
        if (answer.status != 403) is not allowed(origin, site):
            wrong[origin, site] = answer.status

    assert wrong == {}


@requirement("serving.cross-site")
async def test_a_program_that_is_no_browser_needs_neither_header(world: World) -> None:
    token, _ = await world.token(world.ada)

    answer = await world.ask("POST", "/v1/nowhere", {**token, **sent("", "")})

    assert answer.status == 404


@pytest.mark.parametrize("origin", ["https://attacker.example", "null"])
@requirement("serving.cross-site")
async def test_a_token_opens_nothing_for_a_strange_page(world: World, origin: str) -> None:
    token, _ = await world.token(world.ada)

    answer = await world.ask("POST", "/v1/nowhere", {**token, **sent(origin, "")})

    assert answer.status == 403


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin", "websocket", ""])
@requirement("serving.cross-site")
async def test_a_strange_page_reads_nothing(world: World, mode: str) -> None:
    cookie = await cookie_of(world, world.ada)
    headers = {**cookie, **sent("", "cross-site"), "Sec-Fetch-Mode": mode}

    assert (await world.ask("GET", "/v1/nowhere", headers)).status == 403


@requirement("serving.cross-site")
async def test_a_link_elsewhere_may_lead_to_the_node(world: World) -> None:
    headers = {**sent("", "cross-site"), "Sec-Fetch-Mode": "navigate"}

    assert (await world.ask("GET", "/health/live", headers)).status == 200


@requirement("serving.cross-site")
async def test_a_form_elsewhere_may_not_lead_to_an_act(world: World) -> None:
    cookie = await cookie_of(world, world.ada)
    headers = {**cookie, **sent("", "cross-site"), "Sec-Fetch-Mode": "navigate"}

    assert (await world.ask("POST", "/v1/nowhere", headers)).status == 403


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain; application/json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ],
)
@requirement("serving.cross-site")
async def test_json_in_the_clothes_of_a_form_is_refused_by_every_operation(
    world: World, media_type: str
) -> None:
    """A page elsewhere can send these three types without asking first (Fetch, §2.2.2)."""
    token, _ = await world.token(world.ada)
    cookie = await cookie_of(world, world.ada)
    document = await world.document()
    wrong = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            taken = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in taken:
                continue
            headers = {**token, **cookie, "Content-Type": media_type}
            target = path.replace("{", "").replace("}", "")
            answer = await world.ask(method.upper(), target, headers, b"{}")
            if answer.status not in {401, 403, 415}:
                wrong[f"{method} {path}"] = answer.status

    assert wrong == {}
