"""Row B1: every operation of the document × everybody who may not, without a wrong cell."""

from starlette.types import ASGIApp

from mnemosyne.api.app import api_app
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.http.admission import PUBLIC, RECOVERING, Admits, needs
from mnemosyne.http.guard import Guard
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.model import Filter
from tests.requirements import requirement
from tests.security.callers import everybody
from tests.security.matrix import Documented, Matrix, documented
from tests.security.policy import VARIANT
from tests.security.table import TABLE
from tests.security.world import World
from tests.serving import ADDRESS


async def operations(world: World) -> dict[str, Documented]:
    """Return the operations of the document by name."""
    document = await world.document()
    return {each.name: each for each in documented(document)}


@requirement("serving.matrix")
async def test_the_table_names_every_operation_and_no_other(world: World) -> None:
    found = (await operations(world)).keys()
    named = {name.partition(VARIANT)[0] for name in TABLE}

    assert sorted(found - named) == []
    assert sorted(named - found) == []


@requirement("serving.matrix")
async def test_no_operation_answers_who_may_not_use_it_and_the_same_requests_are_good_ones(
    world: World,
) -> None:
    found = (await operations(world)).values()
    callers = await everybody(world)
    matrix = Matrix(world, callers, TABLE)
    for at in found:
        await matrix.prepare(at)
    for headers in callers.nobody.values():  # what has expired is forgotten when it is used
        await world.ask("GET", "/v1/account", headers)
    before = await world.everything_of(world.ada)

    wrong = [each for at in found for each in await matrix.wrong(at)]
    after = await world.everything_of(world.ada)
    of_owner = [each for at in found for each in await matrix.works(at)]
    of_scripts = [each for at in found for each in await matrix.works_for_scripts(at)]

    assert wrong == []
    assert after == before
    assert of_owner == []
    assert of_scripts == []
    assert sum(at.scopes is not None for at in found) > 40
    assert sum(map(len, before.values())) > 60  # there was something to be changed


@requirement("serving.matrix")
async def test_whatever_is_no_credential_is_answered_as_none(world: World) -> None:
    callers = await everybody(world)
    nothing = await world.ask("GET", "/v1/account")

    answers = {
        name: await world.ask("GET", "/v1/account", headers)
        for name, headers in {**callers.nobody, **callers.alike}.items()
    }

    assert nothing.status == 401
    assert {name for name, answer in answers.items() if answer != nothing} == set()


def planted(world: World, path: str, name: str, admits: Admits) -> ASGIApp:
    """Return the node with one operation that forgets whose rows it reads."""
    careless = Operations("memories")

    async def of_the_first_person(node: Node) -> dict[str, object]:
        found = await node.memories.page(Principal.local(node.person.id), Filter())
        return {"content": [each.content for each in found.items]}

    async def of_anybody(memory: str, caller: Caller, node: Node) -> dict[str, object]:
        del caller
        found = await node.memories.get(Principal.local(node.person.id), memory)
        return {"id": found.id}

    endpoint = of_anybody if "{memory}" in path else of_the_first_person
    endpoint.__name__ = name
    careless.add("GET", path, endpoint, admits=admits)
    app = api_app(world.node, ADDRESS, Limits(world.clock, Rates.of(10**9)))
    app.router.routes[:0] = careless.router.routes
    return Guard(app, ADDRESS)


_LIST = ("/v1/memories", "list_memories")
BUGS = [
    ("/v1/memories/{memory}", "read_memory", needs(Scope.MEMORY_READ), {"other person"}),
    (*_LIST, needs(Scope.MEMORY_READ), {"other person"}),
    (*_LIST, needs(Scope.SIGNAL_READ), {"wrong scope"}),
    (*_LIST, Admits(), {"wrong scope", "recovering"}),
    (*_LIST, RECOVERING, {"recovering"}),
    (*_LIST, PUBLIC, {"anonymous", "revoked token", "session of an erased person"}),
]


@requirement("serving.matrix")
async def test_an_operation_that_forgets_whom_it_serves_is_found(world: World) -> None:
    found, callers = await operations(world), await everybody(world)
    for path, name, admits, seen in BUGS:
        matrix = Matrix(world, callers, TABLE, planted(world, path, name, admits))
        await matrix.prepare(found["read_memory"])

        wrong = await matrix.wrong(found[name])

        assert seen <= {each.split(" × ")[1].partition(":")[0] for each in wrong}
