"""Words in a memory count, and in part those around it."""

import numpy as np
import pytest

from mnemosyne.memories.search.question import Term
from mnemosyne.memories.search.threads import Threads
from mnemosyne.memories.search.weights import WordWeights
from mnemosyne.memories.search.words import (
    Scores,
    TermHits,
    normalised_lengths,
    without_repeats,
    word_scores,
    worth,
)

EVEN = WordWeights(length=0)


def hits(*rows: int, word: str = "heron", person: str = "") -> TermHits:
    return TermHits(Term(word, f'body : "{word}"', person), np.array(rows, np.intp))


def one_thread(count: int) -> Threads:
    return Threads.of(np.ones(count, np.int64), np.arange(count))


def no_thread(count: int) -> Threads:
    return Threads.of(np.zeros(count, np.int64), np.arange(count))


def scores(found: list[TermHits], threads: Threads, weights: WordWeights = EVEN) -> Scores:
    return word_scores(found, threads, np.ones(len(threads.before), np.float32), weights)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    rare = scores([hits(0)], no_thread(100))
    common = scores([hits(*range(50))], no_thread(100))

    assert rare[0] > common[0] > 0
    assert rare[1] == 0


def test_the_value_is_that_of_bm25_for_a_memory_alone() -> None:
    found = scores([hits(3)], no_thread(10))

    assert found[3] == pytest.approx(np.log(1 + (10 - 1 + 0.5) / 1.5))


def test_a_word_before_counts_more_than_one_after_and_less_with_distance() -> None:
    found = scores([hits(5)], one_thread(11))

    assert found[5] > found[6] > found[7] > found[8] > 0
    assert found[6] > found[4] > found[3] > found[2] > 0
    assert found[9] == found[1] == 0


def test_a_reply_that_repeats_its_question_gains_little() -> None:
    alone = scores([hits(1)], one_thread(9))[1]
    both = scores([hits(0, 1)], one_thread(9))[1]
    rarity = np.log(1 + (9 - 1 + 0.5) / 1.5) / np.log(1 + (9 - 2 + 0.5) / 2.5)

    assert alone < both * rarity < alone * 1.25


def test_a_name_counts_half_among_the_words() -> None:
    name = scores([hits(0, person="Nora")], no_thread(10))[0]

    assert name == pytest.approx(scores([hits(0)], no_thread(10))[0] / 2)


def test_a_long_text_must_say_more_but_only_up_to_a_limit() -> None:
    lengths = np.array([10, 10, 10, 60, 10_000], np.float32)
    normal = normalised_lengths(lengths, no_thread(5), WordWeights())
    found = word_scores([hits(0, 3, 4)], no_thread(5), normal, WordWeights())

    assert normal[4] == WordWeights().longest
    assert found[0] >= found[3] > 0
    assert found[4] > found[0] / 4


def test_two_forms_of_one_word_count_once() -> None:
    kept = without_repeats([hits(1, 2, word="paint"), hits(1, 2, word="painting"), hits(word="x")])

    assert [each.term.word for each in kept] == ["paint", "x"]


def test_a_word_that_nobody_says_is_worth_most_and_scores_nothing() -> None:
    normal = np.ones(5, np.float32)

    assert worth([hits(word="x")], 5) > worth([hits(0, 3)], 5) > 0
    assert not word_scores([hits(word="x")], no_thread(5), normal).any()


def test_no_rows_have_no_scores() -> None:
    empty = np.empty(0, np.float32)

    assert word_scores([], no_thread(0), normalised_lengths(empty, no_thread(0))).tolist() == []
