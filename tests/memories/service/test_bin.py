"""Forgotten is hidden everywhere and lost nowhere."""

from datetime import timedelta

import pytest

from mnemosyne.accounts.model import Person
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.errors import ForgetLimitError, MemoryNotFoundError, NotInBinError
from mnemosyne.memories.model import Filter, Place
from mnemosyne.memories.store import labels
from tests.clock import START
from tests.nodes import Node
from tests.requirements import requirement

HISTORY = Filter(history=True)
DAY = timedelta(days=1)


def assistant(node: Node, name: str = "token-7") -> Principal:
    scopes = frozenset({Scope.MEMORY_READ, Scope.MEMORY_WRITE})
    return Principal(node.principal.person, scopes, name, "mcp")


async def found(node: Node, words: str) -> list[str]:
    return [hit.memory.id for hit in (await node.search.search(node.principal, words)).hits]


@requirement("bin.hidden")
async def test_what_was_forgotten_is_in_no_list_search_timeline_or_count(node: Node) -> None:
    kept = await node.capture("A zither in the hallway.", tags=("music",))
    gone = await node.capture("A zither in the attic.", tags=("music", "attic"), domains=("music",))
    await node.drain()

    (forgotten,) = await node.bin.forget(node.principal, [gone.id])

    assert forgotten.in_bin
    for wanted in (Filter(), HISTORY, Filter(tag="music"), Filter(as_of=START, known_at=START)):
        page = await node.memories.page(node.principal, wanted)
        assert [each.id for each in page.items] == [kept.id]
        assert await node.memories.count(node.principal, wanted) == 1
    timeline = await node.memories.timeline(node.principal, HISTORY)
    assert [each.id for day in timeline.items for each in day.memories] == [kept.id]
    for words in ("zither", "zither attic", "instrument in the attic"):
        assert await found(node, words) == [kept.id]
    for use in (
        node.memories.get(node.principal, gone.id),
        node.revisions.edit(node.principal, gone.id, content="x"),
        node.revisions.tag(node.principal, gone.id, add=["x"]),
        node.bin.forget(node.principal, [gone.id]),
    ):
        with pytest.raises(MemoryNotFoundError):
            await use
    owner = node.principal.person
    assert await node.database.read(lambda tx: labels.tag_counts(tx, owner)) == [("music", 1)]
    standing = await node.overview.standing(node.principal)
    assert (standing.memories, standing.in_bin, standing.by_domain.get("music")) == (1, 1, None)


@requirement("bin.hidden")
async def test_what_was_forgotten_is_no_neighbour_of_a_hit(node: Node) -> None:
    thread = "7" * 32
    question = await node.capture("Where is the zither?", place=Place(thread, 0, "Ada"))
    answer = await node.capture("In the attic, with the zither bow.", place=Place(thread, 1, "Bo"))
    await node.drain()
    hits = (await node.search.search(node.principal, "zither")).hits
    assert any(answer.id in hit.neighbours for hit in hits)

    await node.bin.forget(node.principal, [answer.id])

    hits = (await node.search.search(node.principal, "zither")).hits
    assert [(hit.memory.id, hit.neighbours) for hit in hits] == [(question.id, ())]


@requirement("bin.restore")
async def test_the_bin_shows_who_put_each_there_and_restoring_brings_it_back_as_it_was(
    node: Node,
) -> None:
    memory = await node.capture("A zither in the attic.", title="Attic", tags=("music",))
    await node.drain()
    before = await node.get(memory)
    node.clock.advance(DAY)
    await node.bin.forget(assistant(node), [memory.id[-8:]])
    node.clock.advance(DAY)

    (binned,) = (await node.bin.page(node.principal)).items
    assert (binned.memory.deleted_by, binned.memory.deleted_at) == ("token-7 (mcp)", START + DAY)
    assert not binned.offered
    assert [each.id for each in await node.bin.everything(node.principal)] == [memory.id]

    (restored,) = await node.bin.restore(node.principal, [memory.id, memory.id[-8:]])

    assert restored == before
    assert await found(node, "zither") == [memory.id]
    assert (await node.bin.page(node.principal)).items == []
    acts = [each.type for each in await node.audit.entries(node.principal)]
    assert acts[:2] == ["unforget", "forget"]


async def test_what_was_never_forgotten_cannot_be_restored(node: Node) -> None:
    kept, gone = await node.capture("Kept."), await node.capture("Gone.")
    await node.bin.forget(node.principal, [gone.id])

    with pytest.raises(NotInBinError) as refused:
        await node.bin.restore(node.principal, [gone.id, kept.id])

    assert (refused.value.code, refused.value.memory_id) == ("not-in-bin", kept.id)
    assert refused.value.why
    assert refused.value.hint
    assert (await node.get(gone)).in_bin  # all or none


@requirement("bin.no-expiry")
async def test_nothing_leaves_the_bin_by_time_and_after_thirty_days_erasing_is_offered(
    node: Node,
) -> None:
    memory = await node.capture("Long gone.")
    await node.bin.forget(node.principal, [memory.id])

    for days, offered in ((29, False), (30, True), (4000, True)):
        node.clock.set(START + days * DAY)
        await node.drain()
        await node.capture(f"Day {days}.")
        (binned,) = (await node.bin.page(node.principal)).items
        assert (binned.memory.id, binned.offered) == (memory.id, offered)
    (restored,) = await node.bin.restore(node.principal, [memory.id])
    assert restored.content == "Long gone."


@requirement("bin.limit")
async def test_more_than_twenty_forgets_an_hour_by_one_credential_are_refused(node: Node) -> None:
    made = [await node.capture(f"Number {number}.") for number in range(24)]
    ids = [each.id for each in made]
    await node.bin.forget(assistant(node), ids[:19])
    assert (await node.overview.standing(node.principal)).forgetters == ()

    with pytest.raises(ForgetLimitError) as refused:
        await node.bin.forget(assistant(node), ids[19:21])

    assert (refused.value.code, refused.value.limit) == ("forget-limit", 20)
    assert refused.value.why
    assert refused.value.hint
    await node.bin.forget(assistant(node), ids[19:20])
    standing = await node.overview.standing(node.principal)
    assert (standing.in_bin, standing.forgetters) == (20, ("token-7 (mcp)",))
    with pytest.raises(ForgetLimitError):  # the limit is not theirs to lift
        await node.bin.forget(assistant(node), ids[20:21], many=True)
    await node.bin.forget(assistant(node, "token-8"), ids[20:21])

    node.clock.advance(timedelta(hours=1, microseconds=1))
    await node.bin.forget(assistant(node), ids[21:22])


@requirement("bin.limit")
async def test_the_person_at_the_shell_may_forget_many_by_saying_so(node: Node) -> None:
    ids = [(await node.capture(f"Number {number}.")).id for number in range(21)]

    with pytest.raises(ForgetLimitError):
        await node.bin.forget(node.principal, ids)
    assert (await node.overview.standing(node.principal)).in_bin == 0

    assert len(await node.bin.forget(node.principal, ids, many=True)) == 21


async def test_a_bin_of_many_pages_is_shown_whole(node: Node) -> None:
    ids = {(await node.capture(f"Number {number}.")).id for number in range(23)}
    await node.bin.forget(node.principal, sorted(ids), many=True)

    seen: list[str] = []
    cursor = ""
    while True:
        page = await node.bin.page(node.principal, cursor=cursor, limit=5)
        seen += [each.memory.id for each in page.items]
        if not (cursor := page.next_cursor):
            break

    assert len(seen) == 23
    assert set(seen) == ids


async def test_the_bin_of_one_person_is_none_of_anothers(node: Node, somebody_else: Person) -> None:
    memory = await node.capture("Mine.")
    await node.bin.forget(node.principal, [memory.id])
    other = Principal.local(somebody_else.id)

    assert (await node.bin.page(other)).items == []
    assert await node.bin.everything(other) == []
    with pytest.raises(MemoryNotFoundError):
        await node.bin.restore(other, [memory.id])
