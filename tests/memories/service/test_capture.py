"""What is captured is stored as it was given, once, before anything else happens to it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from mnemosyne.accounts.model import Person
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.memories.errors import (
    AmbiguousReferenceError,
    IdempotencyConflictError,
    MemoryErasedError,
    MemoryNotFoundError,
)
from mnemosyne.memories.model import (
    Draft,
    Filter,
    MemoryType,
    Moment,
    Origin,
    Pin,
    Place,
    Precision,
    SecretState,
    Status,
)
from mnemosyne.memories.store import labels
from mnemosyne.memories.store.tables import idempotency, memory
from tests.clock import START
from tests.doubles import HashedWordsOnly
from tests.nodes import Node
from tests.requirements import requirement

Use = Callable[[], Awaitable[object]]
HISTORY = Filter(history=True)
WHOLE: dict[str, Any] = {
    "title": "The shed",
    "type": MemoryType.DOCUMENT,
    "occurred": Moment(datetime(2020, 2, 29, 23, 30, tzinfo=UTC), Precision.DAY, -330),
    "tags": ("Garden", "shed"),
    "domains": ("Home", "philately"),
    "origin": Origin("obsidian", "Shed.md", "https://example.test/shed"),
    "place": Place("0" * 32, 4, "Ada"),
    "importance": 0.9,
    "pin": Pin.ANCHORED,
    "never_share": True,
    "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
    "valid_to": datetime(2030, 1, 1, tzinfo=UTC),
    "attributes": {"weather": {"rain": [1, 2.5, None, True]}},
}


async def rows(node: Node) -> int:
    count = select(func.count()).select_from(memory)
    return await node.database.read(lambda tx: int(tx.execute(count).scalar_one()))


@requirement("capture.verbatim", "capture.occurred", "capture.labels")
async def test_everything_that_is_captured_comes_back(node: Node) -> None:
    content = "  Zoë said:\r\n\t“Paint it\0 green.” 🫖  \n"

    await node.capture(content, **WHOLE)
    found = (await node.memories.page(node.principal, HISTORY)).items[0]

    assert found.content == "  Zoë said:\n\t“Paint it� green.” 🫖  \n"
    assert (found.title, found.type) == ("The shed", MemoryType.DOCUMENT)
    assert (found.occurred, found.created_at) == (WHOLE["occurred"], START)
    assert found.occurred.local().date().isoformat() == "2020-02-29"
    assert found.tags == ("garden", "shed")
    assert {(d.name, d.source) for d in found.domains} == {("home", "user"), ("other", "user")}
    assert (found.origin, found.place) == (WHOLE["origin"], WHOLE["place"])
    assert (found.importance, found.importance_reasons) == (0.9, ("user",))
    assert (found.pin, found.never_share) == (Pin.ANCHORED, True)
    assert found.attributes == WHOLE["attributes"]
    assert (found.version, found.secrets) == (1, SecretState.UNCHECKED)
    assert not found.in_bin


@requirement("capture.defaults")
@pytest.mark.parametrize("kind", MemoryType)
async def test_each_of_the_eight_types_is_stored(node: Node, kind: MemoryType) -> None:
    assert len(MemoryType) == 8
    assert (await node.capture("Something.", type=kind)).type is kind


@requirement("capture.first", "capture.status")
async def test_a_capture_is_acknowledged_and_found_before_anything_is_embedded(
    node: Node,
) -> None:
    assert isinstance(node.embedders, HashedWordsOnly)
    node.embedders.now = None  # there are no weights

    captured = await node.capture("The zither hangs in the hallway.")

    assert captured.status is Status.PENDING
    answer = await node.search.search(node.principal, "zither")
    assert [hit.memory.id for hit in answer.hits] == [captured.id]


@requirement("capture.duplicate")
async def test_the_same_text_of_the_same_origin_and_moment_is_reported_and_stored_once(
    node: Node,
) -> None:
    draft = Draft("Twice told.", origin=Origin("claude", "7"), occurred=Moment(START))

    first = await node.memories.capture(node.principal, draft, "one")
    again = await node.memories.capture(node.principal, draft, "two")

    assert (first.created, again.created) == (True, False)
    assert again.memory == first.memory
    assert await rows(node) == 1


@requirement("capture.same-text-elsewhere")
async def test_equal_text_at_another_moment_or_elsewhere_is_a_memory_of_its_own(
    node: Node, somebody_else: Person
) -> None:
    drafts = [
        Draft("Tea."),
        Draft("Tea.", occurred=Moment(START + timedelta(days=1))),
        Draft("Tea.", origin=Origin("claude")),
        Draft("Tea.", origin=Origin("claude", "conversation 2")),
    ]

    made = [
        await node.memories.capture(node.principal, draft, str(n)) for n, draft in enumerate(drafts)
    ]
    theirs = await node.memories.capture(Principal.local(somebody_else.id), drafts[0], "0")

    assert all(each.created for each in [*made, theirs])
    assert len({each.memory.id for each in [*made, theirs]}) == 5


@requirement("capture.idempotent")
async def test_the_same_key_with_the_same_request_repeats_the_answer_alone(node: Node) -> None:
    draft = Draft("Once.", **WHOLE)

    first = await node.memories.capture(node.principal, draft, "key")
    node.clock.advance(timedelta(days=29))
    again = await node.memories.capture(node.principal, draft, "key")

    assert (first.created, again.created) == (True, False)
    assert again.memory.id == first.memory.id
    assert await rows(node) == 1


@requirement("capture.idempotent")
async def test_the_same_key_with_another_request_is_refused(node: Node) -> None:
    await node.memories.capture(node.principal, Draft("Once."), "key")

    for other in (Draft("Twice."), Draft("Once.", title="Once"), Draft("Once.", tags=("a",))):
        with pytest.raises(IdempotencyConflictError) as refused:
            await node.memories.capture(node.principal, other, "key")
        assert (refused.value.code, refused.value.key) == ("idempotency-conflict", "key")
        assert refused.value.why
        assert "--idempotency-key" in refused.value.hint
    assert await rows(node) == 1


@requirement("capture.idempotent")
async def test_one_persons_key_is_none_of_anothers(node: Node, somebody_else: Person) -> None:
    mine = await node.memories.capture(node.principal, Draft("Mine."), "key")
    theirs = await node.memories.capture(Principal.local(somebody_else.id), Draft("Ours."), "key")

    assert mine.created
    assert theirs.created


@requirement("capture.key-gone")
@pytest.mark.parametrize("state", ["forgotten", "erased"])
async def test_a_key_whose_memory_is_gone_is_answered_so_and_creates_nothing(
    node: Node, state: str
) -> None:
    draft = Draft("Gone again.")
    first = await node.memories.capture(node.principal, draft, "key")
    if state == "forgotten":
        await node.bin.forget(node.principal, [first.memory.id])
    else:
        await node.erasure.erase(node.principal, [first.memory.id])
    before = await rows(node)

    with pytest.raises(MemoryErasedError) as refused:
        await node.memories.capture(node.principal, draft, "key")

    assert (refused.value.code, refused.value.state) == ("memory-gone", state)
    assert refused.value.memory_id == first.memory.id
    assert refused.value.hint
    assert await rows(node) == before


@requirement("capture.key-kept")
async def test_keys_are_kept_for_thirty_days_as_hashes_that_nobody_else_can_check(
    node: Node,
) -> None:
    await node.memories.capture(node.principal, Draft("A secret text."), "old")
    node.clock.advance(timedelta(days=30))
    await node.memories.capture(node.principal, Draft("Another."), "young")

    def kept(tx: Connection) -> dict[str, bytes]:
        return {row.key: row.request_hash for row in tx.execute(select(idempotency))}

    assert set(await node.database.read(kept)) == {"old", "young"}
    node.clock.advance(timedelta(microseconds=1))
    await node.memories.capture(node.principal, Draft("A third."), "new")
    now = await node.database.read(kept)
    assert set(now) == {"young", "new"}
    assert {len(each) for each in now.values()} == {32}
    assert {"key", "request_hash", "result_id"} < set(idempotency.c.keys())
    # Nowhere in a row of it stands the text.
    stored = await node.database.read(lambda tx: str(tx.execute(select(idempotency)).all()))
    assert "Another" not in stored
    assert "third" not in stored


async def test_a_capture_that_fails_leaves_nothing_of_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(labels, "add_domains", fail)
        with pytest.raises(RuntimeError):
            await node.memories.capture(node.principal, Draft("Half.", domains=("home",)), "key")

    assert await rows(node) == 0
    whole = await node.memories.capture(node.principal, Draft("Half.", domains=("home",)), "key")
    assert whole.created


@pytest.mark.parametrize("scope", [Scope.MEMORY_WRITE, Scope.MEMORY_READ])
async def test_each_use_needs_its_permission(node: Node, scope: Scope) -> None:
    found = await node.capture("Mine.")
    others = frozenset(Scope) - {scope}
    lacking = Principal(node.principal.person, others, "token-1", "mcp")
    uses: dict[Scope, list[Use]] = {
        Scope.MEMORY_WRITE: [
            lambda: node.memories.capture(lacking, Draft("x"), "k"),
            lambda: node.revisions.edit(lacking, found.id, content="x"),
            lambda: node.revisions.supersede(lacking, found.id, Draft("x"), "k"),
            lambda: node.revisions.tag(lacking, found.id, add=["x"]),
            lambda: node.bin.forget(lacking, [found.id]),
            lambda: node.bin.restore(lacking, [found.id]),
            lambda: node.reindexing.start(lacking),
        ],
        Scope.MEMORY_READ: [
            lambda: node.memories.get(lacking, found.id),
            lambda: node.memories.detail(lacking, found.id),
            lambda: node.memories.page(lacking, HISTORY),
            lambda: node.memories.count(lacking, HISTORY),
            lambda: node.memories.timeline(lacking, HISTORY),
            lambda: node.bin.page(lacking),
            lambda: node.overview.standing(lacking),
        ],
    }

    for use in uses[scope]:
        with pytest.raises(MissingScopeError) as refused:
            await use()
        assert refused.value.scope is scope


async def test_a_memory_is_named_by_its_identifier_or_the_end_of_it(node: Node) -> None:
    found = await node.capture("Here.")
    dashed = f"{found.id[:8]}-{found.id[8:12]}-{found.id[12:16]}-{found.id[16:20]}-{found.id[20:]}"

    for reference in (found.id, dashed.upper(), found.id[-6:], f" {found.id[-12:]} "):
        assert (await node.memories.get(node.principal, reference)).id == found.id


@pytest.mark.parametrize("reference", ["", "abc", "zzzz", "%", "____", "f" * 33, "01" * 16])
async def test_what_names_no_memory_is_answered_alike(node: Node, reference: str) -> None:
    await node.capture("Here.")

    with pytest.raises(MemoryNotFoundError) as refused:
        await node.memories.get(node.principal, reference)

    assert (refused.value.code, refused.value.reference) == ("memory-not-found", reference)
    assert refused.value.why
    assert refused.value.hint


async def test_an_end_that_fits_several_memories_is_refused_with_longer_ones(node: Node) -> None:
    made = [await node.capture(f"Number {n}.") for n in range(2)]

    def alike(tx: Connection) -> None:
        for number, each in enumerate(made):
            fresh = each.id[:-6] + f"{number}beefc"
            tx.execute(memory.update().where(memory.c.id == each.id).values(id=fresh))

    await node.database.write(alike)
    with pytest.raises(AmbiguousReferenceError) as refused:
        await node.memories.get(node.principal, "beefc")

    assert refused.value.code == "ambiguous-reference"
    assert len(refused.value.ids) == 2
    assert "0beefc" in refused.value.hint


async def test_another_persons_memory_is_answered_as_one_that_never_was(
    node: Node, somebody_else: Person
) -> None:
    found = await node.capture("Mine.", tags=("mine",))
    other = Principal.local(somebody_else.id)

    for use in (
        lambda: node.memories.get(other, found.id),
        lambda: node.memories.detail(other, found.id[-8:]),
        lambda: node.revisions.edit(other, found.id, content="Yours."),
        lambda: node.revisions.tag(other, found.id, add=["yours"]),
        lambda: node.bin.forget(other, [found.id]),
        lambda: node.erasure.preview(other, [found.id]),
        lambda: node.erasure.erase(other, [found.id]),
    ):
        with pytest.raises(MemoryNotFoundError):
            await use()
    assert (await node.memories.page(other, HISTORY)).items == []
    assert await node.memories.count(other, HISTORY) == 0
    assert (await node.overview.standing(other)).memories == 0
    assert await node.get(found) == found


@requirement("importance.time")
async def test_opening_counts_once_a_day_and_changes_no_text_and_listing_counts_nothing(
    node: Node,
) -> None:
    found = await node.capture("Open me.")
    await node.memories.page(node.principal, HISTORY)
    await node.memories.timeline(node.principal, HISTORY)
    await node.memories.detail(node.principal, found.id)
    await node.memories.count(node.principal, HISTORY)
    assert (await node.get(found)).use.count == 0

    for _ in range(3):
        await node.memories.get(node.principal, found.id)
    node.clock.set(START.replace(hour=23, minute=59))
    await node.memories.get(node.principal, found.id)
    assert (await node.get(found)).use.count == 1
    node.clock.set(START.replace(hour=0) + timedelta(days=1))
    await node.memories.get(node.principal, found.id)

    opened = await node.get(found)
    assert (opened.use.count, opened.use.last_at) == (2, node.clock())
    assert (opened.content, opened.updated_at, opened.version) == (found.content, START, 1)
    assert opened.importance == found.importance


async def test_a_memory_can_be_read_while_nothing_can_be_written(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await node.capture("Read me on a full disk.")
    # As after a failed sync: this process writes no more.
    monkeypatch.setattr(node.database, "_stopped", True)

    assert (await node.memories.get(node.principal, found.id)).content == found.content
