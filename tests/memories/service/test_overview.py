from datetime import timedelta

from mnemosyne.accounts.model import Person
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.model import Draft, MemoryType, Origin
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.overview import Overview
from tests.clock import SetClock


def services(database: Database, clock: SetClock) -> tuple[Memories, Bin, Overview]:
    zone = clock().tzinfo
    assert zone is not None
    return Memories(database, clock, zone), Bin(database, clock), Overview(database, clock)


async def test_an_empty_vault_has_nothing_of_anything(
    database: Database, clock: SetClock, principal: Principal
) -> None:
    _, _, overview = services(database, clock)

    standing = await overview.standing(principal)

    assert (standing.memories, standing.in_bin, standing.erasing) == (0, 0, 0)
    assert standing.by_type == standing.by_source == standing.by_domain == {}
    assert standing.backlog.waiting == standing.backlog.failed == 0
    assert standing.meaning is None


async def test_what_there_is_is_counted_outside_the_bin_and_for_its_owner(
    database: Database, clock: SetClock, principal: Principal, somebody_else: Person
) -> None:
    memories, bin_, overview = services(database, clock)
    theirs = Principal.local(somebody_else.id)
    await memories.capture(theirs, Draft("theirs", domains=("family",)), "k0")
    for number, draft in enumerate(
        [
            Draft("one", domains=("family", "work")),
            Draft("two", type=MemoryType.DOCUMENT, origin=Origin("chatgpt", "c1")),
            Draft("three", domains=("family",)),
        ]
    ):
        await memories.capture(principal, draft, f"k{number}")
    gone = await memories.capture(principal, Draft("gone", domains=("work",)), "gone")
    await bin_.forget(principal, [gone.memory.id])

    standing = await overview.standing(principal)

    assert (standing.memories, standing.in_bin) == (3, 1)
    assert standing.by_type == {"note": 2, "document": 1}
    assert standing.by_source == {"": 2, "chatgpt": 1}
    assert standing.by_domain == {"family": 2, "work": 1}
    assert sum(standing.by_status.values()) == 3


async def test_who_reached_the_limit_of_forgets_is_named_for_an_hour(
    database: Database, clock: SetClock, principal: Principal
) -> None:
    memories, bin_, overview = services(database, clock)
    made = [
        (await memories.capture(principal, Draft(f"memory {n}"), f"k{n}")).memory.id
        for n in range(20)
    ]
    await bin_.forget(principal, made[:19])
    assert (await overview.standing(principal)).forgetters == ()

    await bin_.forget(principal, made[19:])
    assert (await overview.standing(principal)).forgetters == ("local (shell)",)

    clock.advance(timedelta(hours=1, seconds=1))
    assert (await overview.standing(principal)).forgetters == ()
