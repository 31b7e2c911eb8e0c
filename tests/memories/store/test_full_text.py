"""The index of words holds what the rows hold, and its own check agrees."""

import random

import pytest
from sqlalchemy import Connection, text

from mnemosyne.accounts.model import Person
from mnemosyne.memories.search.full_text_document import FullTextDocument
from mnemosyne.memories.store import full_text
from tests.requirements import requirement

WORDS = ("wombat", "badger", "hedgehog")
CHECK = text("INSERT INTO memory_text(memory_text) VALUES ('integrity-check')")


def document(word: str, times: int) -> FullTextDocument:
    body = " ".join(f"{word} and {number}" for number in range(times))
    return FullTextDocument("", body, "", "")


def flush(tx: Connection) -> None:
    """Let the index write what it holds back, as a commit does."""
    tx.begin_nested().commit()


def found(tx: Connection, word: str) -> list[int]:
    query = text("SELECT rowid FROM memory_text WHERE memory_text MATCH :word ORDER BY rowid")
    return list(tx.execute(query, {"word": word}).scalars())


@requirement("edit.search")
def test_a_long_text_replaced_at_once_leaves_none_of_its_words(
    tx: Connection, person: Person
) -> None:
    full_text.put(tx, person.id, [(1, document("hedgehog", 2))])
    full_text.put(tx, person.id, [(2, document("wombat", 2_000))])
    flush(tx)

    full_text.replace(tx, person.id, [(2, document("badger", 2_000))])

    assert (found(tx, "wombat"), found(tx, "badger"), found(tx, "hedgehog")) == ([], [2], [1])
    tx.execute(CHECK)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_put_and_removed_the_index_agrees_with_it(
    tx: Connection, person: Person, seed: int
) -> None:
    chance = random.Random(seed)
    held: dict[int, str] = {}
    for _ in range(25):
        some = {chance.randrange(1, 9): chance.choice(WORDS) for _ in range(3)}
        if chance.random() < 0.3:
            full_text.remove(tx, person.id, list(some))
            held = {seq: word for seq, word in held.items() if seq not in some}
        else:
            listed = [
                (seq, document(word, chance.choice((1, 60, 900)))) for seq, word in some.items()
            ]
            full_text.replace(tx, person.id, listed)
            held |= some
        flush(tx)

    for word in WORDS:
        assert found(tx, word) == sorted(
            seq for seq, held_word in held.items() if held_word == word
        )
    tx.execute(CHECK)
