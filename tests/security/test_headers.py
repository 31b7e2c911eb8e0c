"""Row E8: what every answer carries, also an error and a file; and nothing that a page may not."""

from pathlib import Path

import pytest

from mnemosyne.api.app import node_app
from mnemosyne.http.address import Address
from mnemosyne.http.limits import Limits, Rates
from tests.api.asgi import Answer
from tests.requirements import requirement
from tests.security.world import World
from tests.serving import ADDRESS

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
EVERYWHERE = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FOREIGN = {"Origin": "https://attacker.example"}


def faults(answer: Answer, *, tls: bool = False) -> list[str]:
    """Return what an answer lacks, or says too much of."""
    found = [
        f"{name}: {answer.headers.get(name)}"
        for name, value in EVERYWHERE.items()
        if answer.headers.get(name) != value
    ]
    if "camera=()" not in answer.headers.get("permissions-policy", ""):
        found.append("permissions-policy")
    if ("strict-transport-security" in answer.headers) is not tls:
        found.append("strict-transport-security")
    if "cache-control" not in answer.headers:
        found.append("cache-control")
    found += [name for name in answer.headers if name.startswith("access-control-")]
    return found + [name for name in ("server", "x-powered-by") if name in answer.headers]


@requirement("serving.headers")
async def test_every_operation_answers_a_stranger_with_every_header(world: World) -> None:
    document = await world.document()
    wrong = {}
    for path, methods in document["paths"].items():
        for method in methods:
            target = path.replace("{", "").replace("}", "")
            answer = await world.ask(method.upper(), target)
            if found := faults(answer):
                wrong[f"{method} {path}"] = found

    assert wrong == {}


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", "/openapi.json", {}, 200),
        ("GET", "/health/live", {}, 200),
        ("GET", "/nowhere", {}, 404),
        ("GET", "/static/nothing.js", {}, 404),
        ("GET", "/v1/nowhere", {}, 404),
        ("PUT", "/health/live", {}, 405),
        ("TRACE", "/health/live", {}, 405),
        ("GET", "/health/live?" + "x" * 9_000, {}, 414),
        ("GET", "/health/live", {"Host": "attacker.example"}, 421),
        ("GET", "/health/live", FOREIGN, 403),
        ("POST", "/health/live", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("OPTIONS", "/health/live", FOREIGN, 403),
    ],
)
@requirement("serving.headers")
async def test_errors_carry_every_header_too(
    world: World, method: str, target: str, headers: dict[str, str], status: int
) -> None:
    answer = await world.ask(method, target, headers)

    assert (answer.status, faults(answer)) == (status, [])


@requirement("serving.headers")
async def test_a_refusal_for_want_of_patience_carries_them_too(world: World) -> None:
    app = node_app(world.node, ADDRESS, Limits(world.clock, Rates.of(1)))
    await world.ask("GET", "/health/live", app=app)

    answer = await world.ask("GET", "/health/live", app=app)

    assert (answer.status, faults(answer)) == (429, [])


@requirement("serving.headers")
async def test_only_over_tls_a_browser_is_told_to_insist_on_it(world: World) -> None:
    address = Address.parse("https://node.example")
    app = node_app(world.node, address, Limits(world.clock))

    named = {"Host": "node.example", "Origin": "https://node.example"}
    answer = await world.ask("GET", "/health/live", named, app=app)

    assert answer.status == 200
    assert faults(answer, tls=True) == []


@requirement("serving.headers")
def test_no_file_of_the_pages_runs_a_script_or_style_that_stands_in_it_or_comes_from_elsewhere(
    pages: list[Path],
) -> None:
    inline = [
        f"{page.name}: {sign}"
        for page in pages
        for sign in (
            "<script>",
            " style=",
            "<style",
            "javascript:",
            " onclick=",
            " onload=",
            "//cdn",
        )
        if sign in page.read_text("utf-8")
    ]

    assert inline == []
