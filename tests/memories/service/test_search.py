"""Questions are answered by words, meaning, people and time, with reasons, to their owner alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mnemosyne.accounts.model import Person
from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder, open_minilm
from mnemosyne.adapters.embedders.weights import find_weights
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import MissingScopeError, Principal
from mnemosyne.memories.errors import EmptyQuestionError, MalformedCursorError
from mnemosyne.memories.model import Filter, MemoryType, Pin, Place
from mnemosyne.memories.search.weights import EVALUATION_WEIGHTS
from mnemosyne.memories.service.answering import MOST_RANKED, SearchOrder
from mnemosyne.memories.service.bin import Bin
from mnemosyne.memories.service.search import Searched
from mnemosyne.memories.store.tables import memory as rows
from tests.clock import SetClock
from tests.memories.service.searching import Node
from tests.requirements import requirement
from tests.vaults import KEY

DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MiniLmEmbedder:
    base = tmp_path_factory.getbasetemp()
    cache = (base if worker_id == "master" else base.parent) / "graphs"
    return open_minilm(find_weights(), cache, threads=1)


@pytest.fixture
def node(
    database: Database, principal: Principal, clock: SetClock, embedder: MiniLmEmbedder
) -> Node:
    return Node(database, principal, clock, embedder)


@pytest.fixture
def plain(database: Database, principal: Principal, clock: SetClock) -> Node:
    return Node(database, principal, clock)


@requirement("search.words")
async def test_stemmed_words_find_a_memory_that_holds_some_of_them(plain: Node) -> None:
    await plain.remember("We painted the shed.")
    await plain.remember("The heron is back.")

    assert await plain.found("painting the old sheds blue") == ["We painted the shed."]


@requirement("search.meaning")
async def test_a_memory_is_found_that_shares_no_word_with_the_question(node: Node) -> None:
    await node.remember("My sister's wedding was in a barn near the lake.")
    await node.remember("The gearbox of the tractor makes a grinding noise.")
    await node.remember("Two eggs, flour, and a spoon of honey.")
    await node.enrich()

    result = await node.search("a broken vehicle")

    assert result.hits[0].memory.content.startswith("The gearbox")
    assert result.hits[0].explanation.matched == ()
    assert result.hits[0].explanation.similarity is not None
    assert result.searched is Searched.WORDS_AND_MEANING


@requirement("search.owner")
async def test_a_person_finds_what_is_theirs_and_nothing_else(
    node: Node, somebody_else: Person, database: Database, clock: SetClock
) -> None:
    other = Node(database, Principal.local(somebody_else.id), clock, node.embedders.embedder)
    await node.remember("The heron is back.")
    await other.remember("The heron left.")
    await node.enrich()

    assert await node.found("heron") == ["The heron is back."]
    assert await other.found("heron") == ["The heron left."]


@requirement("search.owner")
async def test_no_hit_is_returned_whose_row_the_snapshot_does_not_have(
    plain: Node, somebody_else: Person
) -> None:
    heron = await plain.remember("The heron is back.")
    assert await plain.found("heron")

    # Behind the back of every index, as if it had failed to follow.
    moved = update(rows).where(rows.c.owner == heron.owner, rows.c.id == heron.id)
    await plain.database.write(lambda tx: tx.execute(moved.values(owner=somebody_else.id)))

    assert await plain.found("heron") == []


@requirement("search.names")
async def test_a_name_favours_what_that_person_said_over_what_was_said_to_them(node: Node) -> None:
    await node.remember("Nora, do you like your new garden?", speaker="Tomas")
    await node.remember(
        "I like the garden very much.", speaker="Nora", place=Place("b" * 32, 1, "Nora")
    )
    await node.remember("Nora, Nora, I like my garden too.", place=Place("c" * 32, 1, "Tomas"))
    await node.enrich()

    result = await node.search("What does Nora like about her garden?")

    assert result.question.people == ("Nora",)
    assert result.hits[0].memory.content == "I like the garden very much."
    assert dict(result.hits[0].explanation.parts)["speaker"] == pytest.approx(0.3)


@requirement("search.names")
async def test_another_name_of_a_contact_favours_what_they_said(plain: Node) -> None:
    await plain.contacts.add(plain.principal, "Nora", ("Norchen",))
    await plain.remember("The garden is lovely, Norchen.", speaker="Tomas")
    await plain.remember("My garden is lovely.", place=Place("b" * 32, 1, "Nora"))

    assert (await plain.found("Norchen's garden"))[0] == "My garden is lovely."


@requirement("search.dates")
async def test_a_date_favours_memories_of_that_time_and_excludes_none(plain: Node) -> None:
    for month in (1, 5, 8):
        await plain.remember(f"Planting {month}", at=datetime(2025, month, 10, tzinfo=UTC))

    assert (await plain.found("planting in early May 2025"))[0] == "Planting 5"
    assert len(await plain.found("planting in early May 2025")) == 3
    spring = Filter(after=datetime(2025, 4, 1, tzinfo=UTC), before=datetime(2025, 7, 1, tzinfo=UTC))
    assert await plain.found("planting", spring) == ["Planting 5"]


async def test_a_question_for_a_time_favours_a_text_that_names_one(node: Node) -> None:
    await node.remember("The cello lesson was fine.")
    await node.remember("The cello lesson was yesterday.")
    await node.enrich()

    result = await node.search("When was the cello lesson?")

    assert result.hits[0].memory.content == "The cello lesson was yesterday."
    assert dict(result.hits[0].explanation.parts)["date named"] > 0


@requirement("search.neighbours")
async def test_a_reply_is_found_by_the_words_of_its_question(plain: Node) -> None:
    asked = await plain.remember("How long have you had your turtles?", speaker="Nora")
    reply = await plain.remember("Three years now!", speaker="Tomas")
    await plain.remember("Three years ago it rained.", place=Place())

    first = (await plain.search("turtles")).hits[0]

    assert {first.memory.id, *first.neighbours} == {asked.id, reply.id}
    hits = {hit.memory.id: hit.explanation for hit in (await plain.search("turtles")).hits}
    assert hits[reply.id].nearby == ("turtles",)
    assert dict(hits[reply.id].parts)["answers a question"] > 0
    assert dict(hits[asked.id].parts)["question"] < 0


@requirement("search.explained")
async def test_every_hit_states_reasons_that_add_up_to_its_score(node: Node) -> None:
    await node.remember("Shall we paint the shed?", speaker="Nora")
    await node.remember(
        "Yes, paint it in May.", speaker="Tomas", at=datetime(2025, 5, 2, tzinfo=UTC)
    )
    await node.remember("The shed is blue.", importance=1.0, pin=Pin.PERMANENT)
    await node.enrich()

    result = await node.search("When did Tomas paint the shed in May 2025?")

    assert len(result.hits) == 3
    for hit in result.hits:
        assert sum(value for _, value in hit.explanation.parts) == pytest.approx(
            hit.score, abs=1e-5
        )
    named = {name for hit in result.hits for name, _ in hit.explanation.parts}
    assert {"words", "meaning", "speaker", "time", "recency", "importance"} <= named
    assert result.hits[0].explanation.matched
    assert result.hits[0].explanation.similarity is not None


@requirement("search.explained")
async def test_recency_importance_and_pins_are_weak_and_can_be_left_out(plain: Node) -> None:
    old, now = plain.clock() - 3000 * DAY, plain.clock()
    await plain.remember("Heron, forgotten", at=old, importance=0.1)
    await plain.remember("Heron, pinned", at=old, importance=0.1, pin=Pin.PERMANENT)
    await plain.remember("Heron, new", at=now, importance=0.1)
    await plain.remember("Heron, important", at=old, importance=1.0)
    await plain.remember("A heron and another heron stood by the shed")

    found = await plain.found("heron")
    score = {hit.memory.content: hit.score for hit in (await plain.search("heron")).hits}
    spread = max(score.values()) - min(score.values())

    assert found.index("Heron, forgotten") > found.index("Heron, pinned")
    assert score["Heron, important"] > score["Heron, forgotten"] < score["Heron, new"]
    assert spread < 0.3
    even = (await plain.search("heron", weights=EVALUATION_WEIGHTS)).hits
    assert {"recency", "importance"}.isdisjoint(n for h in even for n, _ in h.explanation.parts)


@requirement("search.filters")
async def test_filters_narrow_what_is_found(node: Node) -> None:
    await node.remember("The heron is back.", tags=("birds",), domains=("music",), importance=0.9)
    await node.remember(
        "A heron, says Nora.", speaker="Nora", type=MemoryType.MESSAGE, importance=0.2
    )
    await node.remember(
        "Last year's heron.",
        importance=0.2,
        valid_from=node.clock() - 400 * DAY,
        valid_to=node.clock() - 30 * DAY,
    )
    await node.enrich()
    ours = (await node.search("heron")).hits[0].memory

    assert sorted(await node.found("heron")) == ["A heron, says Nora.", "The heron is back."]
    assert await node.found("heron", Filter(tag="birds")) == ["The heron is back."]
    assert await node.found("heron", Filter(domain="music")) == ["The heron is back."]
    assert await node.found("heron", Filter(min_importance=0.8)) == ["The heron is back."]
    assert await node.found("heron", Filter(type=MemoryType.MESSAGE)) == ["A heron, says Nora."]
    assert await node.found("heron", Filter(person=("Nora",))) == ["A heron, says Nora."]
    assert len(await node.found("heron", Filter(source=ours.origin.source))) == 2
    assert await node.found("heron", Filter(source="elsewhere")) == []
    then = Filter(as_of=node.clock() - 100 * DAY)
    assert "Last year's heron." in await node.found("heron", then)
    assert len(await node.found("heron", Filter(history=True))) == 3


@requirement("search.paging")
async def test_pages_hold_each_hit_once_though_more_is_captured_between_them(plain: Node) -> None:
    written = {f"Heron {n}" for n in range(25)}
    for content in sorted(written):
        await plain.remember(content)
    seen: list[str] = []
    cursor = ""
    for page in range(10):
        result = await plain.search("heron", limit=4, cursor=cursor)
        seen += [hit.memory.content for hit in result.hits]
        await plain.remember(f"A heron between the pages {page}")
        cursor = result.next_cursor
        if not cursor:
            break

    assert len(seen) == len(set(seen))
    assert written <= set(seen)


@requirement("search.paging")
async def test_hits_come_by_score_or_in_order_of_time(plain: Node) -> None:
    start = plain.clock() - 10 * DAY
    for day, content in enumerate(("Heron, heron", "One heron in a long sentence", "Heron")):
        await plain.remember(content, at=start + day * DAY)

    by_time = await plain.found("heron", order=SearchOrder.OLDEST)
    scores = [hit.score for hit in (await plain.search("heron")).hits]

    assert by_time == ["Heron, heron", "One heron in a long sentence", "Heron"]
    assert await plain.found("heron", order=SearchOrder.LATEST) == by_time[::-1]
    assert scores == sorted(scores, reverse=True)


async def test_a_list_of_hits_ends(plain: Node) -> None:
    for number in range(MOST_RANKED + 10):
        await plain.remember(f"Heron {number}")

    first = await plain.search("heron", limit=MOST_RANKED - 1)
    rest = await plain.search("heron", limit=50, cursor=first.next_cursor)

    assert len(first.hits) == MOST_RANKED - 1
    assert len(rest.hits) == 1
    assert rest.next_cursor == ""


@requirement("search.diverse")
async def test_near_identical_hits_are_thinned_out_on_request_only(node: Node) -> None:
    await node.remember("The heron stood by the pond this morning.")
    await node.remember("The heron stood by the pond this morning…")
    await node.remember("This morning the heron stood by the pond.")
    await node.remember("A pond needs no fence.")
    await node.enrich()

    assert len(await node.found("heron at the pond")) == 4
    assert len(await node.found("heron at the pond", diverse=True)) == 2


@requirement("search.without-weights")
async def test_without_weights_search_works_on_words_and_says_so(plain: Node) -> None:
    await plain.remember("The heron is back.")

    result = await plain.search("heron")

    assert [hit.memory.content for hit in result.hits] == ["The heron is back."]
    assert result.searched is Searched.WORDS
    assert result.problem == "there are no weights on this machine"
    assert result.waiting == 1
    assert result.hits[0].explanation.similarity is None


@requirement("search.without-weights")
async def test_a_memory_that_waits_for_its_vector_is_found_by_its_words(node: Node) -> None:
    await node.remember("The pond is frozen.")
    await node.enrich()
    await node.remember("The heron is back.")

    result = await node.search("heron")

    assert result.hits[0].memory.content == "The heron is back."
    assert result.searched is Searched.WORDS_AND_MEANING
    assert result.waiting == 1


async def test_weights_that_are_gone_leave_the_words(node: Node) -> None:
    await node.remember("The heron is back.")
    await node.enrich()
    fresh = Node(node.database, node.principal, node.clock, None)

    result = await fresh.search("heron")

    assert result.searched is Searched.WORDS
    assert result.hits
    assert result.problem


async def test_what_another_process_captured_or_forgot_is_so_at_once(
    node: Node, database_path: Path
) -> None:
    gone = await node.remember("The heron is back.")
    await node.enrich()
    assert await node.found("heron")
    elsewhere = Database(database_path, KEY)
    other = Node(elsewhere, node.principal, node.clock, node.embedders.embedder)

    await other.remember("Another heron came.", speaker="Tomas")
    await other.enrich()
    await Bin(elsewhere, node.clock).forget(node.principal, [gone.id])
    elsewhere.close()

    result = await node.search("heron")
    assert [hit.memory.content for hit in result.hits] == ["Another heron came."]
    assert result.waiting == 0


async def test_nothing_remembered_means_nothing_found(node: Node) -> None:
    assert (await node.search("anything")).hits == ()


async def test_what_has_nothing_to_do_with_the_question_is_no_hit(node: Node) -> None:
    await node.remember("Two eggs, flour, and a spoon of honey.")
    await node.enrich()

    assert await node.found("quarterly tax return of the company") == []


async def test_an_empty_question_is_refused(plain: Node) -> None:
    with pytest.raises(EmptyQuestionError):
        await plain.search("  \n")


async def test_a_cursor_of_another_question_is_refused(plain: Node) -> None:
    for number in range(3):
        await plain.remember(f"Heron and shed {number}")
    cursor = (await plain.search("heron", limit=1)).next_cursor

    with pytest.raises(MalformedCursorError):
        await plain.search("shed", cursor=cursor)


async def test_a_credential_that_may_not_read_may_not_search(plain: Node) -> None:
    blind = Principal(plain.principal.person, frozenset(), "token", "http")

    with pytest.raises(MissingScopeError):
        await plain.searching.search(blind, "heron")
