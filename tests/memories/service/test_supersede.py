"""What held when, by what was known when: the two times of a memory."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.kit.database import Database
from mnemosyne.memories.errors import (
    AlreadySupersededError,
    DuplicateTextError,
    IdempotencyConflictError,
    MemoryErasedError,
    NotSupersededError,
    ValidityOrderError,
)
from mnemosyne.memories.model import Draft, Filter, Memory, Moment
from tests.clock import START, SetClock
from tests.conftest import add_person
from tests.nodes import Node, node_on
from tests.requirements import requirement
from tests.vaults import KEY, copy_file

DAY = timedelta(days=1)


async def held(
    node: Node, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> set[str]:
    """Return the texts that a list shows."""
    wanted = Filter(as_of=as_of, known_at=known_at)
    page = await node.memories.page(node.principal, wanted, limit=200)
    return {each.content for each in page.items}


@requirement("supersede.both-kept")
async def test_another_memory_replaces_one_from_a_date_on_and_both_are_kept(node: Node) -> None:
    old = await node.capture("I live in Porto.")
    node.clock.advance(10 * DAY)
    since = START + 5 * DAY

    done = await node.revisions.supersede(
        node.principal, old.id, Draft("I live in Faro."), "move", since=since
    )

    assert done.created
    assert (done.old.content, done.old.validity.valid_to) == ("I live in Porto.", since)
    assert done.old.validity.ended_at == START + 10 * DAY
    assert (done.new.content, done.new.validity.valid_from) == ("I live in Faro.", since)
    assert done.old.updated_at == START  # its text is what it was
    detail = await node.memories.detail(node.principal, old.id)
    assert detail.superseded_by == done.new.id
    links = (await node.memories.detail(node.principal, done.new.id)).links
    assert links == (("supersedes", old.id),)
    everything = await node.memories.count(node.principal, Filter(history=True))
    assert everything == 2


@requirement("supersede.both-kept")
async def test_what_was_replaced_is_not_replaced_again(node: Node) -> None:
    old = await node.capture("Blue.")
    done = await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")

    with pytest.raises(AlreadySupersededError) as refused:
        await node.revisions.supersede(node.principal, old.id, Draft("Red."), "b")

    assert (refused.value.code, refused.value.by) == ("already-superseded", done.new.id)
    assert done.new.id[-8:] in refused.value.hint
    assert await held(node) == {"Green."}


@requirement("supersede.as-of")
async def test_a_list_as_of_a_date_shows_what_held_then(node: Node) -> None:
    first = await node.capture("Blue.")
    node.clock.advance(20 * DAY)
    second = await node.revisions.supersede(
        node.principal, first.id, Draft("Green."), "a", since=START + 10 * DAY
    )
    await node.revisions.supersede(
        node.principal, second.new.id, Draft("Red."), "b", since=START + 15 * DAY
    )

    assert await held(node) == {"Red."}
    instant = timedelta(microseconds=1)
    for at, text in (
        (START - 400 * DAY, "Blue."),
        (START + 10 * DAY - instant, "Blue."),
        (START + 10 * DAY, "Green."),
        (START + 15 * DAY - instant, "Green."),
        (START + 15 * DAY, "Red."),
        (START + 999 * DAY, "Red."),
    ):
        assert await held(node, as_of=at) == {text}, at
        answer = await node.search.search(node.principal, "green blue red", Filter(as_of=at))
        assert {hit.memory.content for hit in answer.hits} == {text}, at


@requirement("supersede.recorded")
async def test_what_was_recorded_later_was_not_known_before(node: Node) -> None:
    old = await node.capture("Blue.")
    node.clock.advance(10 * DAY)
    await node.revisions.supersede(
        node.principal, old.id, Draft("Green."), "a", since=START + 2 * DAY
    )
    recorded = node.clock()

    later = START + 5 * DAY  # it was green by then, and nobody had written that down
    assert await held(node, as_of=later) == {"Green."}
    assert await held(node, as_of=later, known_at=recorded - DAY) == {"Blue."}
    assert await held(node, as_of=later, known_at=recorded) == {"Green."}
    assert await held(node, as_of=START, known_at=recorded) == {"Blue."}
    assert await held(node, known_at=START - DAY) == set()


@requirement("supersede.recorded")
async def test_that_it_was_taken_back_later_was_not_known_before_either(node: Node) -> None:
    old = await node.capture("Blue.")
    node.clock.advance(DAY)
    await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")
    ended = node.clock()
    node.clock.advance(DAY)

    again = await node.revisions.reopen(node.principal, old.id)

    assert again.validity.valid_to is again.validity.ended_at is None
    assert await held(node) == {"Blue.", "Green."}
    assert await held(node, known_at=ended) == {"Green."}
    assert await held(node, known_at=ended - timedelta(microseconds=1)) == {"Blue."}
    other = await node.revisions.supersede(node.principal, old.id, Draft("Red."), "b")
    assert other.created


async def test_what_nothing_ended_cannot_be_reopened(node: Node) -> None:
    with pytest.raises(NotSupersededError) as refused:
        await node.revisions.reopen(node.principal, (await node.capture("Blue.")).id)

    assert refused.value.code == "not-superseded"
    assert refused.value.hint


async def test_a_memory_that_had_ended_does_not_hold_longer_for_being_replaced(
    node: Node,
) -> None:
    old = await node.capture("A year in Porto.", valid_to=START - 100 * DAY)

    done = await node.revisions.supersede(node.principal, old.id, Draft("Faro."), "a")

    assert done.old.validity.valid_to == START - 100 * DAY
    assert await held(node, as_of=START - 50 * DAY) == set()


async def test_nothing_is_replaced_from_before_it_began(node: Node) -> None:
    old = await node.capture("Blue.", valid_from=START)

    for since in (START, START - DAY):
        with pytest.raises(ValidityOrderError):
            await node.revisions.supersede(
                node.principal, old.id, Draft("Green."), "a", since=since
            )
    assert await held(node) == {"Blue."}


async def test_replacing_by_what_is_said_already_is_refused_and_names_it(node: Node) -> None:
    old = await node.capture("Blue.")
    said = await node.capture("Green.", occurred=Moment(START - DAY))

    with pytest.raises(DuplicateTextError) as refused:
        await node.revisions.supersede(
            node.principal, old.id, Draft("Green.", occurred=Moment(START - DAY)), "a"
        )

    assert (refused.value.code, refused.value.memory_id) == ("duplicate-text", said.id)
    assert (await node.get(old)).validity.valid_to is None


@requirement("capture.idempotent")
async def test_a_repeated_replacement_repeats_its_answer(node: Node) -> None:
    old = await node.capture("Blue.")
    first = await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")
    node.clock.advance(DAY)

    again = await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")

    assert (first.created, again.created) == (True, False)
    assert (again.old, again.new) == (first.old, first.new)
    with pytest.raises(IdempotencyConflictError):
        await node.revisions.supersede(node.principal, old.id, Draft("Red."), "a")
    await node.bin.forget(node.principal, [again.new.id])
    with pytest.raises(MemoryErasedError):
        await node.revisions.supersede(node.principal, old.id, Draft("Green."), "a")


@dataclass
class Told:
    """One memory of the model: everything ever recorded of it, in the order of recording."""

    text: str
    created: int
    begins: int | None
    ends: list[tuple[int, int | None]] = field(default_factory=list)
    replaced: bool = False

    def holds(self, at: int, known: int) -> bool:
        if self.created > known or (self.begins is not None and self.begins > at):
            return False
        recorded = [end for when, end in self.ends if when <= known]
        return not recorded or recorded[-1] is None or recorded[-1] > at


steps = st.lists(
    st.tuples(
        st.sampled_from(("capture", "capture ended", "supersede", "reopen")),
        st.integers(0, 9),
        st.integers(-4, 30),
    ),
    max_size=9,
)


@requirement("supersede.as-of", "supersede.recorded")
@settings(max_examples=7)
@given(steps=steps)
def test_every_answer_agrees_with_a_diary_of_what_was_recorded(
    database_template: Path, steps: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = copy_file(database_template, Path(folder) / "vault.db")
        asyncio.run(replay(path, steps))


async def replay(path: Path, steps: list[tuple[str, int, int]]) -> None:
    """Do each step a day apart, on a vault and in the model, and compare every answer."""
    clock = SetClock()
    person = add_person(path, "Ada", clock())
    database = Database(path, KEY)
    try:
        node = await node_on(database, clock, person)
        told: list[Told] = []
        made: list[Memory] = []
        for now, step in enumerate(steps):
            clock.set(START + now * DAY)
            await act(node, told, made, now, step)
        for known in range(len(steps) + 1):
            for at in (0, known, 31):
                expected = {each.text for each in told if each.holds(at, known)}
                then = START + known * DAY
                assert await held(node, as_of=START + at * DAY, known_at=then) == expected
        last = len(steps)
        for at in (-5, 3, 12, 31):
            expected = {each.text for each in told if each.holds(at, last)}
            assert await held(node, as_of=START + at * DAY) == expected
    finally:
        database.close()


async def act(
    node: Node, told: list[Told], made: list[Memory], now: int, step: tuple[str, int, int]
) -> None:
    kind, which, day = step
    text = f"{kind} {now}"
    if kind.startswith("capture") or not told:
        ends = START + day * DAY if kind == "capture ended" else None
        made.append(await node.capture(text, valid_to=ends))
        told.append(Told(text, now, None, [(now, day)] if ends else []))
        return
    one, memory = told[which % len(told)], made[which % len(told)]
    latest = one.ends[-1][1] if one.ends else None
    if kind == "reopen":
        if latest is not None:
            await node.revisions.reopen(node.principal, memory.id)
            one.ends.append((now, None))
            one.replaced = False
        return
    if one.replaced or (one.begins is not None and day <= one.begins):
        return
    done = await node.revisions.supersede(
        node.principal, memory.id, Draft(text), text, since=START + day * DAY
    )
    made.append(done.new)
    told.append(Told(text, now, day))
    one.replaced = True
    if latest is None or latest > day:
        one.ends.append((now, day))
