"""The host that a request names, the length of its address, and what pages elsewhere may read."""

from collections.abc import Mapping

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from mnemosyne.http.address import Address
from mnemosyne.http.clients import Proxies
from mnemosyne.http.guard import Guard
from mnemosyne.http.proxied import OnlyProxies
from tests.api.asgi import Answer, ask
from tests.requirements import requirement

WALLET = "https://wallet.example"
OWN = "mnemosyne.localhost:8760"
INSIDE = PlainTextResponse("inside")


def guarded(*origins: str, url: str = f"http://{OWN}") -> ASGIApp:
    return Guard(INSIDE, Address.parse(url, frozenset(origins)))


async def asked(
    app: ASGIApp, target: str = "/", headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Answer:
    return await ask(app, target, method, {"Host": OWN, **(headers or {})})


@requirement("serving.one-name")
@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "127.0.0.1:8760",
        "[::1]:8760",
        "localhost:8760",
        "mnemosyne.localhost",
        "mnemosyne.localhost:8761",
        "mnemosyne.localhost.:8760",
        "mnemosyne.localhost:8760.attacker.example",
        "attacker.example:8760",
        "x.mnemosyne.localhost:8760",
        "",
    ],
)
async def test_a_request_for_another_host_is_told_that_it_went_astray(host: str) -> None:
    answer = await ask(guarded(), "/", headers={"Host": host})

    assert answer.status == 421
    assert answer.json["code"] == "misdirected-request"
    assert f"http://{OWN}" in answer.json["detail"]
    assert b"inside" not in answer.body


@requirement("serving.one-name")
async def test_two_hosts_are_none() -> None:
    answer = await ask(guarded(), "/", headers=[("Host", OWN), ("Host", "attacker.example")])

    assert answer.status == 421


async def test_the_name_of_the_node_is_its_name_in_any_case() -> None:
    answer = await ask(guarded(), "/", headers={"Host": OWN.upper()})

    assert answer.status == 200
    assert answer.body == b"inside"


async def test_an_address_that_is_too_long_is_refused_and_one_that_is_not_is_not() -> None:
    assert (await asked(guarded(), "/" + "a" * 9_000)).json["code"] == "address-too-long"
    assert (await asked(guarded(), "/?" + "a" * 9_000)).status == 414
    assert (await asked(guarded(), "/" + "a" * 8_000)).status == 200


@requirement("serving.one-name")
@pytest.mark.parametrize("origins", [(WALLET,), ("*",)])
async def test_a_page_that_was_named_reads_the_resolver_and_nothing_else(
    origins: tuple[str, ...],
) -> None:
    app = guarded(*origins)
    page = {"Origin": WALLET, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}

    resolved = await asked(app, "/1.0/identifiers/did:mnem:x", page)
    other = await asked(app, "/v1/memories", page)
    posted = await asked(app, "/v1/memories", page, "POST")

    assert resolved.status == 200
    assert resolved.headers["access-control-allow-origin"] in {WALLET, "*"}
    assert "access-control-allow-credentials" not in resolved.headers
    assert other.status == posted.status == 403
    assert "access-control-allow-origin" not in other.headers


@requirement("serving.one-name")
async def test_a_page_that_was_not_named_reads_no_resolver_either() -> None:
    page = {"Origin": "https://attacker.example", "Sec-Fetch-Site": "cross-site"}

    answer = await asked(guarded(WALLET), "/1.0/identifiers/did:mnem:x", page)

    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("peer", "status"),
    [
        ("10.0.0.2", 200),
        ("::ffff:10.0.0.2", 200),
        ("127.0.0.1", 200),
        ("::1", 200),
        ("10.0.0.3", 403),
        ("somebody", 403),
    ],
)
async def test_behind_a_proxy_nobody_comes_past_it(peer: str, status: int) -> None:
    app = OnlyProxies(INSIDE, Proxies.parse(["10.0.0.2"]))

    answer = await ask(app, "/", client=peer)

    assert answer.status == status
    assert (answer.body == b"inside") is (status == 200)
