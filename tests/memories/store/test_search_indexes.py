"""The indexes of a process follow the rows, and nothing of an owner is in another's."""

import numpy as np
import pytest
from sqlalchemy import Connection, delete, update

from mnemosyne.accounts.model import Person
from mnemosyne.events import change_log
from mnemosyne.memories.chunking import Chunk
from mnemosyne.memories.composing import compose
from mnemosyne.memories.model import Draft, Filter, Pin, Place
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.search.boosts import HALF_LIVES
from mnemosyne.memories.store import embeddings, reading, writing
from mnemosyne.memories.store.embeddings import Embedded
from mnemosyne.memories.store.search_indexes import OwnedIndex, SearchIndexes
from mnemosyne.memories.store.tables import memory
from tests.clock import START

UTC = START.tzinfo
IDENTITY = EmbedderIdentity("two", "w", 1, "fp32", "g", 2)


def add(tx: Connection, owner: str, content: str, **more: object) -> int:
    assert UTC is not None
    new = compose(Draft(content, **more), owner, START, UTC)  # type: ignore[arg-type]
    return writing.insert_all(tx, [new])[0]


def embed(tx: Connection, owner: str, seq: int, *vectors: tuple[float, float]) -> None:
    known = embeddings.register(tx, IDENTITY, START, np.eye(2, dtype=np.float32))
    chunks = tuple(Chunk(n, n + 1) for n in range(len(vectors)))
    embedded = Embedded(seq, 1, chunks, np.array(vectors, np.float32))
    embeddings.put(tx, owner, known.id, [embedded])
    change_log.put(tx, owner, [seq])


def look(indexes: SearchIndexes, tx: Connection, owner: str) -> OwnedIndex:
    with indexes.current(tx, owner) as owned:
        return owned


def similarities(owned: OwnedIndex) -> list[float]:
    vectors = owned.index.vectors
    assert vectors is not None
    found = vectors.similarities(np.array([1, 0], np.float32), owned.index.columns.seq)
    return [float(value) for value in found]


def test_an_index_holds_what_is_known_of_each_row(tx: Connection, person: Person) -> None:
    add(tx, person.id, "Shall we? [a photo]", place=Place("t" * 32, 4, "Nora"), title="Tea")
    add(tx, person.id, "Yes.", place=Place("t" * 32, 5, "Tomas"), pin=Pin.PERMANENT, importance=0.9)
    add(tx, person.id, "A note.")

    owned = look(SearchIndexes(), tx, person.id)

    columns = owned.index.columns
    assert columns.asks.tolist() == [True, False, False]
    assert owned.index.threads.after.tolist() == [1, -1, -1]
    assert owned.speakers.texts() == {"Nora": 1, "Tomas": 2}
    assert columns.speaker.tolist() == [1, 2, 0]
    assert columns.length[0] == len("Shall we? [a photo]") + len("Tea")
    assert columns.half_life[1] == HALF_LIVES[Pin.PERMANENT]
    assert columns.importance[1] == pytest.approx(0.9)
    assert owned.index.without_vectors() == 3


def test_what_changes_is_taken_over_row_by_row(tx: Connection, person: Person) -> None:
    indexes = SearchIndexes()
    first, second = (add(tx, person.id, text) for text in ("One.", "Two."))
    embed(tx, person.id, first, (1, 0), (0, 1))
    before = look(indexes, tx, person.id)
    assert similarities(before) == [1, pytest.approx(np.nan, nan_ok=True)]

    third = add(tx, person.id, "Three?")
    embed(tx, person.id, second, (0, 1))
    gone = reading.by_seqs(tx, person.id, [first], _all(), START)
    writing.hide(tx, gone, "test", START)
    after = look(indexes, tx, person.id)

    assert after is before
    assert after.index.columns.seq.tolist() == [second, third]
    assert after.index.columns.asks.tolist() == [False, True]
    assert similarities(after) == [0, pytest.approx(np.nan, nan_ok=True)]


def test_an_index_that_followed_equals_one_that_is_new(tx: Connection, person: Person) -> None:
    indexes = SearchIndexes()
    seqs = [add(tx, person.id, f"{n}", place=Place("t" * 32, n, "Nora")) for n in range(20)]
    look(indexes, tx, person.id)
    for seq in seqs[::3]:
        embed(tx, person.id, seq, (1, 0))
    look(indexes, tx, person.id)
    writing.hide(tx, reading.by_seqs(tx, person.id, seqs[5:9], _all(), START), "test", START)

    followed, new = look(indexes, tx, person.id), look(SearchIndexes(), tx, person.id)

    for name in ("seq", "thread", "position", "speaker", "length", "dated"):
        ours, fresh = (getattr(each.index.columns, name) for each in (followed, new))
        assert ours.tolist() == fresh.tolist()
    assert followed.index.threads.before.tolist() == new.index.threads.before.tolist()
    assert np.allclose(similarities(followed), similarities(new), equal_nan=True)


def test_a_log_that_was_shortened_means_loading_anew(tx: Connection, person: Person) -> None:
    indexes = SearchIndexes()
    add(tx, person.id, "One.")
    before = look(indexes, tx, person.id)
    add(tx, person.id, "Two.")
    tx.execute(delete(change_log.change_log))
    add(tx, person.id, "Three.")
    add(tx, person.id, "Four.")

    after = look(indexes, tx, person.id)

    assert after is not before
    assert len(after.index.columns) == 4


def test_another_serving_embedder_means_its_vectors_alone(tx: Connection, person: Person) -> None:
    indexes = SearchIndexes()
    seq = add(tx, person.id, "One.")
    embed(tx, person.id, seq, (1, 0))
    look(indexes, tx, person.id)
    three = EmbedderIdentity("three", "w", 1, "fp32", "g", 3)
    other = embeddings.register(tx, three, START, np.eye(3, dtype=np.float32))
    embeddings.serve(tx, other.id)

    owned = look(indexes, tx, person.id)

    assert owned.embedder is not None
    assert owned.embedder.identity.name == "three"
    assert owned.index.without_vectors() == 1


def test_nothing_of_an_owner_is_in_the_index_of_another(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    mine, theirs = add(tx, person.id, "Mine."), add(tx, somebody_else.id, "Theirs.")
    embed(tx, person.id, mine, (1, 0))
    embed(tx, somebody_else.id, theirs, (1, 0))
    indexes = SearchIndexes()

    assert look(indexes, tx, person.id).index.columns.seq.tolist() == [mine]
    owned = look(indexes, tx, somebody_else.id)
    assert owned.index.columns.seq.tolist() == [theirs]
    assert owned.index.vectors is not None
    assert len(owned.index.vectors) == 1


def test_a_row_that_changed_hands_leaves_the_index(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    indexes = SearchIndexes()
    seq = add(tx, person.id, "Mine.")
    look(indexes, tx, person.id)
    mine = (memory.c.owner == person.id, memory.c.seq == seq)
    tx.execute(update(memory).where(*mine).values(owner=somebody_else.id))
    change_log.removed(tx, person.id, [seq])

    assert len(look(indexes, tx, person.id).index.columns) == 0


def test_of_many_owners_the_one_not_used_for_longest_makes_room(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    indexes = SearchIndexes(most_bytes=1)
    add(tx, person.id, "Mine.")
    first = look(indexes, tx, person.id)

    look(indexes, tx, somebody_else.id)

    assert look(indexes, tx, person.id) is not first


def _all() -> Filter:
    return Filter(history=True)
