"""Lists and timelines: filtered, sorted, and paged without loss or repetition."""

import base64
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from mnemosyne.accounts.model import Person
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.errors import LabelLengthError, MalformedCursorError
from mnemosyne.memories.model import Filter, Memory, MemoryType, Moment, Origin, Place, Precision
from mnemosyne.memories.paging import Order
from mnemosyne.memories.service.answering import Request
from mnemosyne.memories.service.memories import Day
from tests.clock import START
from tests.nodes import Node
from tests.requirements import requirement

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def texts(node: Node, wanted: Filter, order: Order = Order.TIME) -> list[str]:
    page = await node.memories.page(node.principal, wanted, order=order)
    return [each.content for each in page.items]


@pytest.fixture
async def diary(node: Node) -> Node:
    """Give a vault with four memories that differ in everything a list can ask for."""
    await node.contacts.add(node.principal, "Ada")
    made = [
        {"tags": ("tea", "café"), "domains": ("food",), "importance": 0.9},
        {"tags": ("tea",), "domains": ("music",), "type": MemoryType.DOCUMENT, "importance": 0.1},
        {"origin": Origin("claude", "1"), "place": Place("t" * 32, 0, "Ada"), "importance": 0.5},
        {"origin": Origin("claude", "2"), "type": MemoryType.MESSAGE, "importance": 0.5},
    ]
    for number, more in enumerate(made):
        when = Moment(START - (4 - number) * DAY)
        node.clock.advance(-HOUR)  # recorded in the opposite order
        await node.capture("abcd"[number], occurred=when, **more)
    await node.capture("e: Ada came.", occurred=Moment(START - 9 * DAY), importance=0.2)
    await node.drain()
    return node


@requirement("list.filters", "tag.change")
async def test_a_list_is_narrowed_by_each_thing_it_can_be_asked_for(diary: Node) -> None:
    for wanted, expected in (
        (Filter(), "dcbae"),
        (Filter(tag="tea"), "ba"),
        (Filter(tag=" #Café"), "a"),
        (Filter(tag="cafe\u0301"), "a"),
        (Filter(tag="no such tag"), ""),
        (Filter(tag="#"), ""),
        (Filter(domain="food"), "a"),
        (Filter(domain="Music"), "b"),
        (Filter(source="claude"), "dc"),
        (Filter(type=MemoryType.DOCUMENT), "b"),
        (Filter(thread_id="t" * 32), "c"),
        (Filter(person=("Ada", "Countess")), "ce"),
        (Filter(min_importance=0.5), "dca"),
        (Filter(after=START - 3 * DAY), "dcb"),
        (Filter(before=START - 3 * DAY), "ae"),
        (Filter(after=START - 3 * DAY, before=START - 2 * DAY), "b"),
        (Filter(tag="tea", type=MemoryType.NOTE, min_importance=0.5), "a"),
    ):
        assert "".join(text[0] for text in await texts(diary, wanted)) == expected, wanted
        assert await diary.memories.count(diary.principal, wanted) == len(expected)


@requirement("list.filters")
async def test_a_list_is_sorted_by_time_importance_or_arrival(diary: Node) -> None:
    for order, expected in (
        (Order.TIME, "dcbae"),
        (Order.OLDEST, "eabcd"),
        (Order.IMPORTANCE, "adceb"),
        (Order.RECORDED, "abced"),
    ):
        assert "".join(text[0] for text in await texts(diary, Filter(), order)) == expected, order


async def test_a_tag_that_cannot_be_one_is_refused_as_a_filter(node: Node) -> None:
    with pytest.raises(LabelLengthError):
        await node.memories.page(node.principal, Filter(tag="x" * 129))


@requirement("list.filters")
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("limit", [1, 4])
async def test_pages_lose_and_repeat_nothing_while_others_write(
    node: Node, order: Order, limit: int
) -> None:
    chance = Random(limit)
    made: set[str] = set()
    for number in range(9):  # many of one moment and importance
        when = Moment(START + chance.randrange(3) * HOUR)
        node.clock.advance(chance.randrange(2) * HOUR)
        memory = await node.capture(
            f"Number {number}.", occurred=when, importance=chance.choice((0.1, 1 / 3))
        )
        made.add(memory.id)

    seen: list[Memory] = []
    cursor = ""
    for number in range(30):
        page = await node.memories.page(
            node.principal, Filter(), order=order, cursor=cursor, limit=limit
        )
        assert len(page.items) <= limit
        seen += page.items
        if not (cursor := page.next_cursor):
            break
        # Somebody writes between two pages, before what was seen and after it.
        await node.capture(f"Later {number}.", occurred=Moment(START - DAY), importance=0.0)
        await node.capture(f"Newer {number}.", occurred=Moment(START + DAY), importance=1.0)

    ids = [each.id for each in seen]
    assert len(ids) == len(set(ids))
    assert made <= set(ids)


async def test_a_cursor_of_another_order_is_refused(node: Node) -> None:
    for number in range(3):
        await node.capture(f"Number {number}.")
    page = await node.memories.page(node.principal, Filter(), limit=1)

    for order in (Order.IMPORTANCE, Order.OLDEST, Order.RECORDED):
        with pytest.raises(MalformedCursorError):
            await node.memories.page(node.principal, Filter(), order=order, cursor=page.next_cursor)
    with pytest.raises(MalformedCursorError):
        await node.bin.page(node.principal, cursor="nonsense")


async def test_a_cursor_of_another_filter_is_refused(node: Node) -> None:
    for number in range(3):
        await node.capture(f"Number {number}.", tags=("lake",))
    for wanted in (Filter(), Filter(tag="lake"), Filter(history=True), Filter(after=START - DAY)):
        cursor = (await node.memories.page(node.principal, wanted, limit=1)).next_cursor
        assert (await node.memories.page(node.principal, wanted, cursor=cursor)).items
        with pytest.raises(MalformedCursorError):
            await node.memories.page(node.principal, Filter(before=START + DAY), cursor=cursor)
        with pytest.raises(MalformedCursorError):
            await node.bin.page(node.principal, cursor=cursor)


async def test_a_cursor_taken_from_another_person_shows_nothing_of_theirs(
    node: Node, somebody_else: Person
) -> None:
    for number in range(3):
        await node.capture(f"Number {number}.")
    cursor = (await node.memories.page(node.principal, Filter(), limit=1)).next_cursor
    other = Principal.local(somebody_else.id)

    with pytest.raises(MalformedCursorError):
        await node.memories.page(other, Filter(), cursor=cursor)


async def test_a_cursor_says_nothing_of_how_much_others_store(
    node: Node, somebody_else: Person
) -> None:
    """Numbers are counted over the node: what others capture must not show, not even in length."""
    who = Principal.local(somebody_else.id)
    others = Node(node.database, node.clock, node.vault, who)
    for number in range(2):
        await node.capture(f"Number {number}.", occurred=Moment(START - DAY))
    quiet = (await node.memories.page(node.principal, Filter(), limit=1)).next_cursor
    for number in range(12):
        await others.capture(f"Theirs {number}.")
    for number in range(2):
        await node.capture(f"Newer {number}.", occurred=Moment(START - DAY))

    busy = (await node.memories.page(node.principal, Filter(), limit=1)).next_cursor
    hits = await node.search.search(node.principal, "newer", request=Request(limit=1))

    assert len(busy) == len(quiet)
    for cursor in (quiet, busy, hits.next_cursor):
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert b"time" not in data
        assert bytes(6) not in data  # a number in eight bytes, as hits are written
    with pytest.raises(MalformedCursorError):
        await others.memories.page(who, Filter(), cursor=busy)
    with pytest.raises(MalformedCursorError):
        await others.search.search(who, "newer", request=Request(cursor=hits.next_cursor))


@requirement("timeline.local-day", "capture.occurred")
async def test_the_timeline_groups_by_the_day_that_the_writers_clock_showed(node: Node) -> None:
    midnight = datetime(2024, 3, 10, tzinfo=UTC)
    for text, at, offset in (
        ("Auckland, the 10th", midnight - 6 * HOUR, 780),
        ("Lisbon, the 9th", midnight - HOUR, 0),
        ("Lisbon, the 10th", midnight + HOUR, 0),
        ("Honolulu, the 9th", midnight + 5 * HOUR, -600),
        ("nobody knows where, the 10th", midnight + 6 * HOUR, None),
    ):
        await node.capture(text, occurred=Moment(at, Precision.INSTANT, offset))

    days = (await node.memories.timeline(node.principal, Filter())).items

    assert [_texts(day) for day in days] == [
        ("2024-03-10", ["Auckland, the 10th", "Lisbon, the 10th", "nobody knows where, the 10th"]),
        ("2024-03-09", ["Lisbon, the 9th", "Honolulu, the 9th"]),
    ]


def _texts(day: Day) -> tuple[str, list[str]]:
    return day.date.isoformat(), [memory.content for memory in day.memories]


@requirement("timeline.local-day")
async def test_the_pages_of_a_timeline_hold_every_memory_once(node: Node) -> None:
    for number in range(10):
        await node.capture(f"Number {number}.", occurred=Moment(START - number * 5 * HOUR))

    seen: list[str] = []
    cursor = ""
    while True:
        page = await node.memories.timeline(node.principal, Filter(), cursor=cursor, limit=3)
        seen += [memory.content for day in page.items for memory in day.memories]
        if not (cursor := page.next_cursor):
            break

    assert sorted(seen) == sorted(f"Number {number}." for number in range(10))


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("offset", [-720, 0, 840])
async def test_the_first_and_last_day_of_the_calendar_can_be_listed(
    node: Node, at: datetime, offset: int
) -> None:
    moment = Moment(at, Precision.DAY, offset)

    found = await node.capture("At the edge.", occurred=moment)

    assert found.occurred == moment
    (day,) = (await node.memories.timeline(node.principal, Filter())).items
    assert day.memories == (found,)
    first = await node.memories.page(node.principal, Filter(), limit=1)
    assert first.next_cursor == ""
