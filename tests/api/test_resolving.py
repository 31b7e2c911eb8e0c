"""The resolver inside the node: what stands before it there, and which pages may read it."""

from dataclasses import replace

import pytest
from starlette.types import ASGIApp

from mnemosyne.api.app import node_app
from mnemosyne.application import Application
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.identity.examples import Examples
from mnemosyne.identity.log import History
from tests.api.asgi import RESOLUTION, Answer, ask
from tests.clock import SetClock
from tests.requirements import requirement
from tests.resolvers import Resolvers
from tests.serving import ADDRESS

WALLET = "https://wallet.example"


def node_for(
    closed_node: Application, examples: Examples, *origins: str, rates: Rates | None = None
) -> ASGIApp:
    node = replace(closed_node, hosting=examples)  # type: ignore[arg-type] # examples
    address = replace(ADDRESS, origins=frozenset(origins))
    return node_app(node, address, Limits(SetClock(), rates))


async def asked(app: ASGIApp, target: str, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ask(app, target, method, {"Host": ADDRESS.authority, **named})


async def test_which_methods_there_are_is_told_alone_and_in_the_node(
    app: ASGIApp, active: History
) -> None:
    answer = await ask(app, f"/1.0/identifiers/{active.did}", "OPTIONS")
    of_pushes = await ask(app, f"/1.0/mnem/{active.did}/log", "OPTIONS")

    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert (of_pushes.status, of_pushes.headers["allow"]) == (204, "OPTIONS, POST")


@requirement("identity.resolver-node")
async def test_both_give_the_same_answers(
    closed_node: Application, examples: Examples, active: History, resolvers: Resolvers
) -> None:
    one, other = node_for(closed_node, examples), resolvers(examples, SetClock())
    for target in (
        f"/1.0/identifiers/{active.did}",
        f"/1.0/identifiers/{examples.deactivated}",
        "/1.0/identifiers/did:mnem:x",
        "/1.0/identifiers/",
        f"/1.0/mnem/{active.did}/log.jsonl",
        "/1.0/mnem/x/log.jsonl",
        "/1.0/nothing",
    ):
        of_the_node, alone = await asked(one, target), await ask(other, target)
        assert of_the_node.body == alone.body
        assert of_the_node.status == alone.status
        for name in ("content-type", "cache-control", "etag", "location"):
            assert of_the_node.headers.get(name) == alone.headers.get(name)


@requirement("identity.resolver-node")
async def test_strangers_resolve_without_any_credentials(
    closed_node: Application, examples: Examples, active: History
) -> None:
    app = node_for(closed_node, examples)

    answer = await asked(app, f"/1.0/identifiers/{active.did}", Authorization="Bearer garbage")

    assert (answer.status, answer.media_type) == (200, RESOLUTION)


@pytest.mark.parametrize("host", ["127.0.0.1:8760", "attacker.example", "localhost:8760"])
@requirement("identity.resolver-node")
async def test_the_resolver_of_a_node_answers_to_its_name_alone(
    closed_node: Application, examples: Examples, host: str
) -> None:
    app = node_for(closed_node, examples, "*")

    assert (await asked(app, f"/1.0/identifiers/{examples.active}", Host=host)).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": WALLET},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@requirement("identity.resolver-node")
async def test_pages_of_other_origins_read_nothing_unless_told(
    closed_node: Application, examples: Examples, headers: dict[str, str]
) -> None:
    target = f"/1.0/identifiers/{examples.active}"

    refused = await asked(node_for(closed_node, examples), target, **headers)
    unknown = await asked(node_for(closed_node, examples), "/1.0/identifiers/did:mnem:x", **headers)

    assert refused.status == unknown.status == 403
    assert refused.body == unknown.body
    assert "access-control-allow-origin" not in refused.headers


@requirement("identity.resolver-node")
async def test_a_page_that_was_named_reads_the_resolver_and_nothing_else(
    closed_node: Application, examples: Examples, active: History
) -> None:
    app = node_for(closed_node, examples, WALLET)
    target = f"/1.0/identifiers/{active.did}"

    named = await asked(app, target, Origin=WALLET, Sec_Fetch_Site="cross-site")
    preflight = await asked(app, target, "OPTIONS", Origin=WALLET)
    other = await asked(app, target, Origin="https://page.example")

    assert (named.status, named.headers["access-control-allow-origin"]) == (200, WALLET)
    assert preflight.status == 204
    assert other.status == 403
    for path in ("/v1/did", "/health/live", "/openapi.json", "/1.0"):
        refused = await asked(app, path, Origin=WALLET, Sec_Fetch_Site="cross-site")
        assert refused.status == 403
        assert "access-control-allow-origin" not in refused.headers


async def test_a_node_that_lets_every_page_read_lets_it_embed_too(
    closed_node: Application, examples: Examples, active: History
) -> None:
    app = node_for(closed_node, examples, "*")
    target = f"/1.0/identifiers/{active.did}"

    answers = [
        await asked(app, target, Origin="https://page.example"),
        await asked(app, target, Sec_Fetch_Site="cross-site"),
    ]

    assert [each.status for each in answers] == [200, 200]
    assert {each.headers["access-control-allow-origin"] for each in answers} == {"*"}


@requirement("identity.resolver-node")
async def test_a_stranger_resolves_as_often_as_a_stranger_may_ask(
    closed_node: Application, examples: Examples
) -> None:
    rates = replace(Rates.of(), stranger=3)
    app = node_for(closed_node, examples, rates=rates)
    target = f"/1.0/identifiers/{examples.active}"

    answers = [await asked(app, target) for _ in range(4)]

    assert [each.status for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json["code"] == "too-many-requests"


@requirement("identity.resolver-node")
async def test_the_document_of_the_api_names_what_the_resolver_answers(
    closed_node: Application, examples: Examples
) -> None:
    described = (await asked(node_for(closed_node, examples), "/openapi.json")).json

    resolve = described["paths"]["/1.0/identifiers/{identifier}"]["get"]
    paths = [path for path in described["paths"] if path.startswith("/1.0/")]
    assert len(paths) == 4
    assert resolve["security"] == []
    assert {"200", "303", "304", "400", "404", "406", "410", "500", "501"} <= set(
        resolve["responses"]
    )
    assert RESOLUTION in resolve["responses"]["200"]["content"]
    assert "DidResolution" in described["components"]["schemas"]
