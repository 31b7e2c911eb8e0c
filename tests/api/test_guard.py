import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mnemosyne.http.address import Loopback
from mnemosyne.http.guard import Guard
from tests.api.asgi import ask
from tests.requirements import requirement


async def reached(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whatever is let through."""
    await Response(b"reached")(scope, receive, send)


CLOSED = Guard(reached, Loopback())
ONE_ORIGIN = Guard(reached, Loopback(frozenset({"https://wallet.example"})))
OPEN = Guard(reached, Loopback(frozenset({"*"})))


@requirement("identity.resolver-loopback")
@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:8553",
        "127.0.0.1.attacker.example:8553",
        "localhost.attacker.example",
        "attacker.example#127.0.0.1",
        "127.0.0.1@attacker.example",
        "127.1",
        "0.0.0.0:8553",
        "[::2]:8553",
        "",
        ":8553",
        "localhost:8553:80",
        "localhost, attacker.example",
    ],
)
async def test_a_request_for_another_host_is_told_that_it_went_astray(host: str) -> None:
    answer = await ask(OPEN, "/1.0/x", headers={"Host": host})

    assert answer.status == 421
    assert answer.json["status"] == 421


async def test_a_request_that_names_two_hosts_is_told_so_too() -> None:
    headers = [("Host", "127.0.0.1"), ("Host", "attacker.example")]

    assert (await ask(OPEN, "/1.0/x", headers=headers)).status == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1", "LOCALHOST:8553", "[::1]:8553"])
async def test_this_machine_is_reached_under_its_own_names(host: str) -> None:
    assert (await ask(CLOSED, "/1.0/x", headers={"Host": host})).body == b"reached"


@requirement("identity.resolver-loopback")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://page.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Origin": "https://page.example", "Sec-Fetch-Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_a_web_page_reads_nothing_on_a_machine_of_a_person(
    headers: dict[str, str], method: str
) -> None:
    answer = await ask(CLOSED, "/1.0/x", method, headers)

    assert answer.status == 403
    assert b"reached" not in answer.body
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:8553"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Mode": "cors"},
    ],
)
async def test_a_program_a_person_and_a_link_are_let_through(headers: dict[str, str]) -> None:
    answer = await ask(CLOSED, "/1.0/x", headers=headers)

    assert answer.body == b"reached"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_an_origin_that_was_named_may_read_and_no_other() -> None:
    named = await ask(ONE_ORIGIN, "/1.0/x", headers={"Origin": "https://wallet.example"})
    other = await ask(
        ONE_ORIGIN, "/1.0/x", headers={"Origin": "https://wallet.example.evil.example"}
    )

    assert named.headers["access-control-allow-origin"] == "https://wallet.example"
    assert "origin" in named.headers["vary"].lower()
    assert other.status == 403


async def test_a_public_resolver_lets_every_page_read() -> None:
    answer = await ask(OPEN, "/1.0/x", headers={"Origin": "https://page.example"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"


async def test_every_answer_carries_what_keeps_browsers_from_guessing() -> None:
    for target, host in (("/1.0/x", "127.0.0.1"), ("/1.0/x", "attacker.example")):
        answer = await ask(CLOSED, target, headers={"Host": host})

        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("target", ["/" + "a" * 8_192, "/1.0/x?" + "a" * 8_192])
async def test_an_address_without_end_is_refused(target: str) -> None:
    assert (await ask(CLOSED, target)).status == 414
