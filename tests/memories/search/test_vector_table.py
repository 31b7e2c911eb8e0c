"""Vectors in memory: scanned whole, replaced at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.memories.search.vector_table import VectorTable
from tests.requirements import requirement

DIMENSIONS = 4


def units(random: np.random.Generator, count: int) -> np.ndarray:
    vectors = random.standard_normal((count, DIMENSIONS)).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


changes = st.lists(
    st.tuples(st.lists(st.integers(0, 9), unique=True, max_size=4), st.integers(0, 3)), max_size=6
)


@requirement("search.exact")
@settings(max_examples=50)
@given(changes=changes, seed=st.integers(0, 100))
def test_similarities_are_those_of_a_full_scan_after_any_changes(
    changes: list[tuple[list[int], int]], seed: int
) -> None:
    random = np.random.default_rng(seed)
    table = VectorTable(DIMENSIONS)
    kept: dict[int, np.ndarray] = {}
    for seqs, chunks in changes:
        fresh = {seq: units(random, chunks) for seq in seqs}
        kept = {**kept, **fresh}
        numbers = np.repeat(np.array(seqs, np.int64), chunks)
        vectors = np.concatenate([*fresh.values(), units(random, 0)])
        table.replace(np.array(seqs, np.int64), numbers, vectors)
    question = units(random, 1)[0]
    rows = np.arange(1, 10)

    found = table.similarities(question, rows)

    for seq, value in zip(rows.tolist(), found, strict=True):
        vectors = kept.get(seq, units(random, 0))
        if len(vectors):
            assert np.isclose(value, (vectors @ question).max(), atol=1e-6)
        else:
            assert np.isnan(value)
    assert table.has(rows).tolist() == (~np.isnan(found)).tolist()


def test_what_is_taken_out_is_overwritten_in_memory() -> None:
    table = VectorTable(DIMENSIONS)
    vectors = np.full((3, DIMENSIONS), 0.5, np.float32)
    table.replace(np.empty(0, np.int64), np.array([1, 2, 3]), vectors)

    table.replace(np.array([2, 3]), np.empty(0, np.int64), np.empty((0, DIMENSIONS)))

    assert len(table) == 1
    assert table.of(2) is None
    assert not table._matrix[1:].any()


@requirement("embedder.chunks")
def test_a_memory_is_as_close_as_its_closest_chunk() -> None:
    table = VectorTable(2)
    table.replace(np.empty(0, np.int64), np.array([7, 7]), np.eye(2, dtype=np.float32))

    assert table.similarities(np.array([0, 1], np.float32), np.array([7])).tolist() == [1]
