"""Signals become one score, and its parts add up to it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mnemosyne.memories.search.fusion import Fused, Signals, fuse
from mnemosyne.memories.search.threads import Threads
from mnemosyne.memories.search.weights import EVALUATION_WEIGHTS, WEIGHTS, Weights
from tests.requirements import requirement

COUNT = 6
Floats = NDArray[np.float32]


def alone(count: int = COUNT) -> Threads:
    return Threads.of(np.zeros(count, np.int64), np.arange(count))


def together(count: int = COUNT) -> Threads:
    return Threads.of(np.ones(count, np.int64), np.arange(count))


def signals(**given_signals: Any) -> Signals:  # noqa: ANN401 - lists stand for arrays
    nothing = np.zeros(COUNT, np.float32)
    names = ("words", "speaker", "time", "dated", "recency", "importance")
    arrays = {name: np.array(given_signals.get(name, nothing), np.float32) for name in names}
    meaning = given_signals.get("meaning")
    return Signals(
        meaning=None if meaning is None else np.array(meaning, np.float32),
        worth=np.float32(given_signals.get("worth", 0)),
        **arrays,
    )


def scored(
    given_signals: Signals, threads: Threads, *asking: int, weights: Weights = EVALUATION_WEIGHTS
) -> Fused:
    asks = np.isin(np.arange(COUNT), asking)
    return fuse(given_signals, threads, asks, weights)


def test_words_count_in_full_only_when_the_best_row_holds_half_of_the_question() -> None:
    words = [1, 2, 0, 0, 0, 0]

    much = scored(signals(words=words, worth=4), alone()).parts["words"]
    little = scored(signals(words=words, worth=16), alone()).parts["words"]

    assert much.tolist() == scored(signals(words=words), alone()).parts["words"].tolist()
    assert np.allclose(little, much / 4)


@requirement("search.fusion")
def test_scores_are_normalised_within_the_question_and_weighed_by_the_table() -> None:
    small = scored(
        signals(words=[1, 2, 0, 0, 0, 0], meaning=[0.2, 0.3, 0.4, 0.2, 0.2, 0.2]), alone()
    )
    large = scored(signals(words=[9, 18, 0, 0, 0, 0], meaning=[0, 0.4, 0.8, 0, 0, 0]), alone())

    expected = [
        WEIGHTS.words / 2,
        WEIGHTS.words + WEIGHTS.meaning / 2,
        WEIGHTS.meaning,
        0,
        0,
        0,
    ]
    assert small.total == pytest.approx(expected, abs=1e-6)
    assert large.total == pytest.approx(expected, abs=1e-6)


def test_without_vectors_words_take_the_place_of_both() -> None:
    words = [2, 1, 0, 0, 0, 0]
    none = scored(signals(words=words), alone())
    waiting = scored(signals(words=words, meaning=[np.nan] * COUNT), alone())

    assert none.total[0] == WEIGHTS.words + WEIGHTS.meaning
    assert none.total.tolist() == waiting.total.tolist()


def test_a_memory_that_waits_for_its_vector_counts_by_its_words() -> None:
    found = scored(
        signals(words=[1, 0, 0, 0, 0, 0], meaning=[np.nan, 0.9, 0.1, 0.1, 0.1, 0.1]), alone()
    )

    assert found.parts["meaning"][0] == 0
    assert found.total[0] == WEIGHTS.words


def test_neighbours_lend_each_other_score() -> None:
    found = scored(signals(words=[0, 0, 1, 0, 0, 0]), together())

    assert found.total[1] == found.total[3] == pytest.approx(WEIGHTS.neighbour)
    assert found.total[0] == found.total[4] == 0


def test_a_question_hands_its_score_to_the_reply() -> None:
    asked = scored(signals(words=[0, 0, 1, 0, 0, 0]), together(), 2)
    said = scored(signals(words=[0, 0, 1, 0, 0, 0]), together())

    assert asked.total[2] == pytest.approx(said.total[2] - WEIGHTS.answer)
    assert asked.total[3] == pytest.approx(said.total[3] + WEIGHTS.answer)
    assert asked.total[1] == said.total[1]


def test_a_question_that_nobody_answered_keeps_its_score() -> None:
    words = [0, 0, 0, 0, 0, 1]

    assert scored(signals(words=words), together(), 5).total[5] == 1
    assert scored(signals(words=words), alone(), 5).total[5] == 1


def test_boosts_favour_and_exclude_nothing() -> None:
    found = scored(
        signals(words=[1, 1, 0, 0, 0, 0], speaker=[0, 1, 0, 0, 0, 0], time=[0, 0, 0, 0, 0, 1]),
        alone(),
    )

    assert found.total[1] > found.total[0] > found.total[5] > 0


def test_what_is_recent_or_important_counts_little_and_nothing_in_the_evaluation() -> None:
    given_signals = signals(words=[1, 0.9, 0, 0, 0, 0], recency=[0, 1, 0, 0, 0, 0])

    assert scored(given_signals, alone()).total[0] > scored(given_signals, alone()).total[1]
    assert WEIGHTS.recency + WEIGHTS.importance < WEIGHTS.words / 5


floats = hnp.arrays(np.float32, COUNT, elements=st.floats(0, 50, width=32))


@given(words=floats, meaning=floats, speaker=floats, asking=st.sets(st.integers(0, COUNT - 1)))
def test_parts_always_add_up_to_the_score(
    words: Floats,
    meaning: Floats,
    speaker: Floats,
    asking: set[int],
) -> None:
    given_signals = signals(words=words, meaning=meaning, speaker=speaker)
    found = scored(given_signals, together(), *asking, weights=WEIGHTS)

    assert np.isfinite(found.total).all()
    assert sum(found.parts.values()) == pytest.approx(found.total, abs=1e-4)


@given(words=floats, count=st.integers(0, COUNT), left_out=st.sets(st.integers(0, COUNT - 1)))
def test_the_best_are_the_highest_of_those_that_may_be(
    words: Floats,
    count: int,
    left_out: set[int],
) -> None:
    found = scored(signals(words=words), alone())
    eligible = ~np.isin(np.arange(COUNT), list(left_out))
    expected = [r for r in np.argsort(-found.total, kind="stable") if r not in left_out][:count]

    assert found.best(count, eligible).tolist() == expected
