"""Changes that keep what was: edits with their versions, tags, marks and the person's own value."""

from datetime import UTC, datetime, timedelta

import pytest

from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.errors import (
    ContentSizeError,
    DuplicateTextError,
    ImportanceRangeError,
    LabelLengthError,
)
from mnemosyne.memories.model import Filter, Moment, Origin, Precision, Status
from tests.clock import START
from tests.nodes import Node
from tests.requirements import requirement

DAY = timedelta(days=1)


async def found(node: Node, words: str) -> list[str]:
    return [hit.memory.id for hit in (await node.search.search(node.principal, words)).hits]


@requirement("edit.version")
async def test_an_edit_is_a_new_version_and_the_older_wordings_can_be_read(node: Node) -> None:
    memory = await node.capture("The shed is red.", title="Shed", tags=("garden",))
    node.clock.advance(DAY)
    await node.revisions.pin(node.principal, memory.id, memory.pin)  # no change of its wording
    second = await node.revisions.edit(node.principal, memory.id, content="The shed is green.")
    node.clock.advance(DAY)
    await node.revisions.tag(node.principal, memory.id, add=["colour"])
    third = await node.revisions.edit(node.principal, memory.id, title="Our shed")

    assert (second.id, second.seq, second.version) == (memory.id, memory.seq, 2)
    assert (third.content, third.title, third.version) == ("The shed is green.", "Our shed", 3)
    assert (third.created_at, third.updated_at) == (START, START + 2 * DAY)
    assert third.occurred == memory.occurred
    wordings = (await node.memories.detail(node.principal, memory.id)).wordings
    assert [(w.version, w.title, w.content, w.recorded_at) for w in wordings] == [
        (1, "Shed", "The shed is red.", START),
        (2, "Shed", "The shed is green.", START + DAY),
    ]


@requirement("edit.version", "capture.verbatim")
async def test_an_edit_that_changes_nothing_makes_no_version(node: Node) -> None:
    memory = await node.capture("One\nline.", title="T")
    await node.drain()
    before = await node.get(memory)

    same = await node.revisions.edit(
        node.principal, memory.id, content="One\r\nline.", title=" T ", occurred=memory.occurred
    )

    assert same == before
    assert (await node.memories.detail(node.principal, memory.id)).wordings == ()
    assert (await node.overview.standing(node.principal)).backlog.waiting == 0


@requirement("edit.search")
async def test_after_an_edit_the_new_text_is_found_and_not_the_old(node: Node) -> None:
    memory = await node.capture("My zither stands in the hall. " * 300, title="Zither")
    await node.capture("Nothing of that kind.")
    await node.drain()
    assert await found(node, "zither") == [memory.id]

    await node.revisions.edit(node.principal, memory.id, content="The lyre hangs there.", title="")
    assert await found(node, "lyre") == [memory.id]
    for state in ("before it is read again", "after"):
        hits = (await node.search.search(node.principal, "zither")).hits
        assert memory.id not in {hit.memory.id for hit in hits if "zither" in hit.memory.content}
        assert "zither" not in {word for hit in hits for word in hit.memory.content.split()}, state
        await node.drain()
    assert await found(node, "lyre") == [memory.id]
    assert await found(node, "zither") == []


@requirement("capture.occurred")
async def test_the_moment_can_be_corrected_and_nothing_else_changes(node: Node) -> None:
    memory = await node.capture("The storm.")
    day = Moment(datetime(1999, 12, 26, tzinfo=UTC), Precision.DAY, 60)

    moved = await node.revisions.edit(node.principal, memory.id, occurred=day)

    assert (moved.occurred, moved.content, moved.version) == (day, "The storm.", 2)
    assert await found(node, "december 1999") == [memory.id]


async def test_an_edit_that_would_say_what_another_says_names_that_one(node: Node) -> None:
    one = await node.capture("One.")
    two = await node.capture("Two.")
    elsewhere = await node.capture("Three.", origin=Origin("claude", "1"))

    with pytest.raises(DuplicateTextError) as refused:
        await node.revisions.edit(node.principal, two.id, content="One.")

    assert (refused.value.code, refused.value.memory_id) == ("duplicate-text", one.id)
    assert refused.value.hint
    assert await node.get(two) == two
    assert (await node.memories.detail(node.principal, two.id)).wordings == ()
    # Of another origin the same words are a memory of their own.
    assert (
        await node.revisions.edit(node.principal, elsewhere.id, content="One.")
    ).content == "One."


@requirement("capture.size")
async def test_an_edit_to_nothing_is_refused(node: Node) -> None:
    memory = await node.capture("Something.")

    with pytest.raises(ContentSizeError):
        await node.revisions.edit(node.principal, memory.id, content=" \n")
    assert await node.get(memory) == memory


@requirement("tag.change")
async def test_tags_are_added_and_removed_and_list_and_search_follow(node: Node) -> None:
    memory = await node.capture("The hall.", tags=("music", "old"))

    changed = await node.revisions.tag(
        node.principal, memory.id, add=["Zither", "#MUSIC", "zither"], remove=["OLD", "never"]
    )

    assert changed.tags == ("music", "zither")
    assert (changed.version, changed.updated_at) == (1, memory.updated_at)
    for tag, count in (("zither", 1), ("Music", 1), ("old", 0)):
        assert await node.memories.count(node.principal, Filter(tag=tag)) == count
        hits = (await node.search.search(node.principal, "hall", Filter(tag=tag))).hits
        assert len(hits) == count
    assert await found(node, "zither") == [memory.id]  # a tag is a word to find it by
    assert await found(node, "old") == []
    with pytest.raises(LabelLengthError):
        await node.revisions.tag(node.principal, memory.id, add=["x" * 129])


@requirement("never-share.mark")
async def test_the_mark_never_to_share_survives_an_edit(node: Node) -> None:
    memory = await node.capture("Private.")

    marked = await node.revisions.never_share(node.principal, memory.id, mark=True)
    edited = await node.revisions.edit(node.principal, memory.id, content="Still private.")
    await node.drain()

    assert marked.never_share
    assert edited.never_share
    assert (await node.get(memory)).never_share
    unmarked = await node.revisions.never_share(node.principal, memory.id, mark=False)
    assert not unmarked.never_share


@requirement("importance.own-value")
async def test_the_persons_own_importance_holds_until_it_is_given_back(node: Node) -> None:
    memory = await node.capture("Weigh me. " * 30)
    rule = importance_of(len(memory.content))
    assert (memory.importance, memory.importance_reasons) == (rule.value, rule.reasons)
    assert rule.reasons

    own = await node.revisions.set_importance(node.principal, memory.id, 0.9)
    assert (own.importance, own.importance_reasons, own.importance_override) == (
        0.9,
        ("user",),
        0.9,
    )
    await node.revisions.edit(node.principal, memory.id, content="Weigh me again.")
    await node.drain()
    assert (await node.get(memory)).importance == 0.9
    assert (await node.get(memory)).status is Status.ENRICHED

    given_back = await node.revisions.set_importance(node.principal, memory.id, None)
    rule = importance_of(len("Weigh me again."))
    assert (given_back.importance, given_back.importance_reasons) == (rule.value, rule.reasons)
    with pytest.raises(ImportanceRangeError):
        await node.revisions.set_importance(node.principal, memory.id, 1.5)


@requirement("importance.time")
async def test_time_changes_nothing_that_is_stored(node: Node) -> None:
    memory = await node.capture("A zither, long ago.")
    await node.drain()
    before = await node.get(memory)

    node.clock.advance(40 * 365 * DAY)
    await node.drain()
    hits = await found(node, "zither")

    assert hits == [memory.id]
    assert await node.get(memory) == before
