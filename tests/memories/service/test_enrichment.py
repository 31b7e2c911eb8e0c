"""What is understood of a text lands at once, for its present version, and twice is as once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, func, select, text

from mnemosyne.accounts.model import Person
from mnemosyne.contacts.model import Contact
from mnemosyne.contacts.store import find
from mnemosyne.events import change_log, outbox
from mnemosyne.kit.database import Database
from mnemosyne.memories.chunking import CHUNK_TOKENS
from mnemosyne.memories.enrichment.vocabulary import VOCABULARY
from mnemosyne.memories.model import DomainSource, Filter, Memory, Pin, SecretState, Status
from mnemosyne.memories.store import domain_examples, embeddings, enriching
from mnemosyne.memories.store.tables import embedder, embedding
from mnemosyne.memories.store.writing import ENRICH
from tests.clock import SetClock
from tests.doubles import HashedWords, HashedWordsOnly
from tests.nodes import Node, node_on
from tests.requirements import requirement

# An invented token of a known form, put together so that no scanner takes it for one.
SECRET = "my key is ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"
DERIVED = ("memory_domain", "memory_mention", "memory_date", "embedding")


async def derived(node: Node) -> dict[str, list[tuple[Any, ...]]]:
    """Return every derived row, and the derived columns."""
    queries = {name: f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in DERIVED}  # noqa: S608
    queries["memory"] = "SELECT id, language, secrets, importance, status FROM memory ORDER BY id"

    def read(tx: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {name: [tuple(row) for row in tx.execute(text(q))] for name, q in queries.items()}

    return await node.database.read(read)


async def ask_again(node: Node, *memories: Memory) -> None:
    ids = [each.id for each in memories]
    owner, at = node.principal.person, node.clock()
    await node.database.write(
        lambda tx: outbox.record_all(tx, owner=owner, topic=ENRICH, subjects=ids, at=at)
    )


@requirement("enrichment.together")
async def test_enriching_twice_gives_the_same_rows(node: Node) -> None:
    await node.contacts.add(node.principal, "Brunhild", ("Hilde",))
    one = await node.capture("Hilde baked bread on 3 May 2024. " * 40, domains=("friendship",))
    two = await node.capture("The router was reset on Monday; the new password works.")
    await node.drain()
    first = await derived(node)
    assert all(first.values())

    await ask_again(node, one, two, one)
    await node.drain()

    assert await derived(node) == first


@requirement("embedder.stamped")
async def test_every_vector_says_which_version_chunk_and_embedder_it_is_of(node: Node) -> None:
    words = " ".join(f"Sentence number {n} is about hedgehogs." for n in range(120))
    found = await node.capture(words)
    await node.drain()
    await node.revisions.edit(node.principal, found.id, title="Hedgehogs")
    await node.drain()

    def read(tx: Connection) -> tuple[list[Any], Any]:
        vectors = select(embedding).order_by(embedding.c.chunk)
        return list(tx.execute(vectors)), tx.execute(select(embedder)).one()

    rows, made_by = await node.database.read(read)
    assert len(rows) > 3
    assert {(r.memory_seq, r.version, r.embedder_id) for r in rows} == {(found.seq, 2, made_by.id)}
    assert [r.chunk for r in rows] == list(range(len(rows)))
    assert (rows[0].start, rows[-1].end) == (0, len(words))
    model = HashedWords()
    assert (made_by.key, made_by.dimensions) == (model.identity.key, 384)
    for row in rows:
        piece = words[row.start : row.end]
        assert len(model.token_offsets(piece)) <= CHUNK_TOKENS
        vector = np.frombuffer(row.vector, np.float16)
        np.testing.assert_allclose(vector, model.embed_query(piece), atol=1e-3)


@requirement("enrichment.together", "edit.search")
async def test_what_was_found_out_of_an_older_version_is_not_written(node: Node) -> None:
    found = await node.capture("About hedgehogs.")
    handler = node.handlers[0]
    owner, topic = node.principal.person, ENRICH
    event = await node.database.read(lambda tx: outbox.find(tx, owner, topic, found.id))
    assert event is not None

    apply = await handler.prepare([event])
    await node.revisions.edit(node.principal, found.id, content="About wombats.")
    await node.database.write(apply)

    rows = await derived(node)
    assert rows["embedding"] == []
    assert rows["memory"][0][-1] == "pending"
    await node.drain()
    assert (await node.get(found)).status is Status.ENRICHED


@requirement("enrichment.together")
async def test_a_failure_in_the_middle_of_writing_leaves_nothing_written(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await node.capture("Hedgehogs on 3 May 2024.")
    before = await derived(node)

    def fail(*_arguments: object) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(embeddings, "put", fail)
        with pytest.raises(RuntimeError):
            await node.drain()

    assert await derived(node) == before
    node.clock.advance(timedelta(minutes=1))
    await node.drain()
    assert (await node.get(found)).status is Status.ENRICHED


class Unwell(HashedWords):
    """An embedder that one text makes ill."""

    def embed_documents(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - as above it
        if any("poison" in text for text in texts):
            raise RuntimeError("no")
        return super().embed_documents(texts)


@requirement("enrichment.failed", "capture.status")
async def test_what_fails_is_tried_again_then_shown_as_failed_and_stays_findable(
    database: Database, clock: SetClock, person: Person
) -> None:
    node = await node_on(database, clock, person, HashedWordsOnly(Unwell()))
    well = await node.capture("A wholesome hedgehog.")
    ill = await node.capture("A poison hedgehog.")

    tries = 0
    while (await node.get(ill)).status is Status.PENDING:
        with pytest.raises(RuntimeError):
            await node.drain()
        tries += 1
        clock.advance(timedelta(minutes=11))

    assert tries == outbox.MOST_ATTEMPTS
    assert (await node.get(ill)).status is Status.FAILED
    assert (await node.get(well)).status is Status.ENRICHED
    standing = await node.overview.standing(node.principal)
    assert standing.by_status == {"enriched": 1, "failed": 1}
    assert standing.backlog.failed == 1
    hits = (await node.search.search(node.principal, "poison")).hits
    assert [hit.memory.id for hit in hits][:1] == [ill.id]


@requirement("secrets.states")
async def test_a_secret_is_stored_unchanged_and_marked_until_its_person_clears_it(
    node: Node,
) -> None:
    found = await node.capture(SECRET)
    plain = await node.capture("Nothing to hide.")
    assert found.secrets is SecretState.UNCHECKED
    await node.drain()
    flagged = await node.get(found)
    assert (flagged.content, flagged.secrets) == (SECRET, SecretState.FLAGGED)
    assert (await node.get(plain)).secrets is SecretState.CLEAR

    cleared = await node.revisions.clear_secret(node.principal, found.id)
    assert (cleared.secrets, cleared.updated_at) == (SecretState.CLEARED, found.updated_at)
    await ask_again(node, found)
    await node.drain()
    assert (await node.get(found)).secrets is SecretState.CLEARED

    edited = await node.revisions.edit(node.principal, found.id, content=f"{SECRET}!")
    assert edited.secrets is SecretState.UNCHECKED
    await node.drain()
    assert (await node.get(found)).secrets is SecretState.FLAGGED


@requirement("secrets.states", "importance.own-value", "domains.person-wins")
async def test_what_the_person_says_while_a_text_is_being_read_stands(node: Node) -> None:
    found = await node.capture(SECRET)
    owner = node.principal.person
    event = await node.database.read(lambda tx: outbox.find(tx, owner, ENRICH, found.id))
    assert event is not None

    apply = await node.handlers[0].prepare([event])
    await node.revisions.clear_secret(node.principal, found.id)
    await node.revisions.set_importance(node.principal, found.id, 0.99)
    await node.revisions.set_domains(node.principal, found.id, add=["music"])
    await node.database.write(apply)

    now = await node.get(found)
    assert now.status is Status.ENRICHED
    assert now.secrets is SecretState.CLEARED
    assert (now.importance, now.importance_reasons) == (0.99, ("user",))
    assert ("music", DomainSource.USER) in {(d.name, d.source) for d in now.domains}


@requirement("domains.person-wins")
async def test_no_rule_changes_back_what_the_person_said_of_a_domain(node: Node) -> None:
    gloss = next(domain for domain in VOCABULARY if domain.id == "music").gloss
    found = await node.capture(gloss)
    await node.drain()
    assert [d.name for d in (await node.get(found)).domains][:1] == ["music"]

    await node.revisions.set_domains(node.principal, found.id, add=["Philately"], remove=["Music"])
    for again in (f"{gloss} Yes.", f"{gloss} Indeed."):
        await node.revisions.edit(node.principal, found.id, content=again)
        await node.drain()

    said = {domain.name: domain for domain in (await node.get(found)).domains}
    assert "music" not in said
    assert (said["other"].source, said["other"].weight) == (DomainSource.USER, 1.0)
    assert await node.memories.count(node.principal, Filter(domain="music")) == 0
    assert await node.memories.count(node.principal, Filter(domain="Philately")) == 1
    back = await node.revisions.set_domains(node.principal, found.id, add=["music"])
    assert "music" in {domain.name for domain in back.domains}


@requirement("domains.examples")
async def test_a_persons_examples_and_twenty_corrections_change_what_a_domain_means(
    node: Node, somebody_else: Person
) -> None:
    async def domains_of(content: str) -> set[str]:
        found = await node.capture(content)
        await node.drain()
        return {domain.name for domain in (await node.get(found)).domains}

    strange = "quokka numbat bilby wombat potoroo"
    assert "learning" not in await domains_of(strange)
    owner, other = node.principal.person, somebody_else.id
    await node.database.write(lambda tx: domain_examples.replace(tx, other, "faith", [strange] * 2))
    assert "faith" not in await domains_of(f"{strange} one")
    examples = [f"{strange} {n}" for n in range(40)]
    await node.database.write(lambda tx: domain_examples.replace(tx, owner, "learning", examples))
    assert "learning" in await domains_of(f"{strange} two")

    odd = "sextant astrolabe alidade theodolite clinometer"
    for number in range(19):
        await node.capture(f"{odd} {number}", domains=("play",))
    await node.drain()
    assert "play" not in await domains_of(f"{odd} hours")
    await node.capture(f"{odd} 19", domains=("play",))
    await node.drain()
    assert "play" in await domains_of(f"{odd} days")


async def contact(node: Node, name: str) -> Contact | None:
    return await node.database.read(lambda tx: find(tx, node.principal.person, name))


@requirement("capture.labels")
async def test_who_is_named_is_kept_in_lower_case_and_once(node: Node) -> None:
    await node.contacts.add(node.principal, "Brünnhilde", ("HILDE",))
    found = await node.capture("Hilde and BRÜNNHILDE are one; hilde says so.", tags=("A", "a"))
    await node.drain()

    named = [row[2] for row in (await derived(node))["memory_mention"]]
    assert named == ["brünnhilde"]
    for name in ("Brünnhilde", "brünnhilde"):
        page = await node.memories.page(node.principal, Filter(person=(name,)))
        assert [each.id for each in page.items] == [found.id]
    assert (await node.get(found)).tags == ("a",)


@requirement("contacts.renamed")
async def test_a_renamed_contact_is_found_under_the_new_name_and_the_old(node: Node) -> None:
    await node.contacts.add(node.principal, "Brunhild", ("Hilde",))
    old = await node.capture("Hilde brought the ladder.")
    await node.drain()
    await node.contacts.rename(node.principal, "Brunhild", "Brünnhilde")
    new = await node.capture("Brünnhilde took the ladder back.")
    await node.drain()

    for name in ("Brünnhilde", "brunhild", "Hilde"):
        who = await contact(node, name)
        assert who is not None
        page = await node.memories.page(node.principal, Filter(person=who.names))
        assert {each.id for each in page.items} == {old.id, new.id}, name
        wanted = Filter(person=who.names)
        hits = (await node.search.search(node.principal, "the ladder", wanted)).hits
        assert {hit.memory.id for hit in hits} == {old.id, new.id}, name


async def test_a_memory_without_weights_is_read_all_the_same(
    database: Database, clock: SetClock, person: Person
) -> None:
    node = await node_on(database, clock, person, HashedWordsOnly(None))
    found = await node.capture(f"{SECRET} on 3 May 2024")
    await node.drain()

    rows = await derived(node)
    assert rows["embedding"] == []
    assert rows["memory_date"]
    assert (await node.get(found)).secrets is SecretState.FLAGGED


async def test_one_persons_memories_are_never_read_with_anothers_names(
    node: Node, somebody_else: Person
) -> None:
    other = Node(node.database, node.clock, node.vault, node.principal.local(somebody_else.id))
    await other.contacts.add(other.principal, "Brunhild")
    await node.capture("Brunhild was here.")
    await other.capture("Brunhild was there.")
    await node.drain()

    owners = [row[0] for row in (await derived(node))["memory_mention"]]
    assert owners == [somebody_else.id]


@requirement("pin.levels")
@pytest.mark.parametrize("level", Pin)
async def test_a_pin_changes_no_text_and_no_date(node: Node, level: Pin) -> None:
    found = await node.capture("Keep me.")
    node.clock.advance(timedelta(days=3))

    pinned = await node.revisions.pin(node.principal, found.id, level)

    assert pinned.pin is level
    assert (pinned.content, pinned.version) == (found.content, 1)
    assert (pinned.occurred, pinned.created_at) == (found.occurred, found.created_at)
    assert (pinned.updated_at, pinned.validity) == (found.updated_at, found.validity)


async def test_a_status_given_up_on_is_that_of_its_owner_alone(
    node: Node, somebody_else: Person
) -> None:
    found = await node.capture("Mine.")

    await node.database.write(lambda tx: enriching.give_up(tx, somebody_else.id, [found.id]))

    assert (await node.get(found)).status is Status.PENDING


async def test_enriching_shortens_the_log_of_changes(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_log, "KEPT", 2)
    for number in range(5):
        await node.capture(f"Note {number}.")

    await node.drain()

    left = select(func.count()).select_from(change_log.change_log)
    assert await node.database.read(lambda tx: tx.execute(left).scalar_one()) == 2


@requirement("secrets.leaving")
async def test_a_secret_in_a_title_is_flagged_as_one_in_the_text_is(node: Node) -> None:
    found = await node.capture("How to reach the router.")
    await node.drain()
    await node.revisions.edit(node.principal, found.id, title=SECRET)
    await node.drain()

    assert (await node.get(found)).secrets is SecretState.FLAGGED
