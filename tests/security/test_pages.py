"""The pages are a second way to the same acts: nobody does there what the API refuses them."""

from collections.abc import Iterator

from starlette.routing import Route

from mnemosyne.web.routes import Pages
from tests.api.asgi import Answer
from tests.requirements import requirement
from tests.security.callers import everybody
from tests.security.policy import PLACE, filled
from tests.security.rows import Rows, absent
from tests.security.test_headers import faults
from tests.security.world import CANARY, Headers, World

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
BODY = b"name=another"
STATIC = "/static/"
FORMER = ("expired session", "revoked session", "session of an erased person")


def pages() -> Iterator[tuple[str, str]]:
    """Yield the method and path of every page and form."""
    for route in Pages().routes:
        if isinstance(route, Route) and not route.path.startswith(STATIC):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path


async def sent(
    world: World, method: str, path: str, headers: Headers, rows: dict[str, str] | None = None
) -> Answer:
    target = filled(path, rows or {})
    return await world.ask(method, target, {**FORM, **headers}, BODY if method == "POST" else b"")


async def rows_of(rows: Rows) -> dict[str, dict[str, str]]:
    """Return the rows that each page names."""
    return {
        path: {kind: await rows(kind) for kind in PLACE.findall(path) if kind != "code"}
        | ({"code": "memory-not-found"} if "{code}" in path else {})
        for _, path in pages()
    }


@requirement("serving.matrix")
async def test_no_page_acts_for_whom_it_is_not(world: World) -> None:
    callers = await everybody(world)
    adas = await rows_of(Rows(world, world.ada))
    before = await world.everything_of(world.ada)
    wrong = {}
    for method, path in pages():
        # Whoever comes back with a recovery code may leave again.
        back = {} if path == "/sign-out" else {"recovering": callers.recovering}
        former = {name: callers.nobody[name] for name in FORMER}
        for name, headers in {"anonymous": {}, **former, **back}.items():
            answer = await sent(world, method, path, headers, adas[path])
            refused = method == "GET" or answer.status in {303, 401, 403, 404}
            if not refused or CANARY.encode() in answer.body:
                wrong[method, path, name] = answer.status

    after = await world.everything_of(world.ada)

    assert wrong == {}
    assert after == before


@requirement("serving.matrix")
async def test_what_is_anothers_and_what_does_not_exist_look_alike_on_every_page(
    world: World,
) -> None:
    callers = await everybody(world)
    adas = await rows_of(Rows(world, world.ada))
    before = await world.everything_of(world.ada)
    wrong = {}
    for method, path in pages():
        if not (adas[path].keys() - {"code"}):
            continue
        nobodys = {kind: absent(world, kind) for kind in adas[path]}
        theirs = await sent(world, method, path, callers.bob.headers, adas[path])
        none = await sent(world, method, path, callers.bob.headers, nobodys)
        if CANARY.encode() in theirs.body or theirs.status != none.status:
            wrong[method, path] = theirs.status, none.status

    assert wrong == {}
    assert await world.everything_of(world.ada) == before


@requirement("serving.headers")
async def test_every_page_carries_every_header(world: World) -> None:
    callers = await everybody(world)
    adas = await rows_of(Rows(world, world.ada))
    wrong = {}
    for method, path in pages():
        if method == "GET" and (
            found := faults(await sent(world, method, path, callers.bob.headers, adas[path]))
        ):
            wrong[path] = found

    assert wrong == {}


@requirement("serving.headers")
async def test_an_error_that_is_told_as_a_page_carries_every_header(world: World) -> None:
    page = await world.ask("GET", "/nowhere", {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})

    assert page.status == 404
    assert faults(page) == []
