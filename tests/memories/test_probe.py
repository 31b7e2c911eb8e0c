"""Holding vectors that were kept against fresh ones."""

import numpy as np
import pytest

from mnemosyne.memories.probe import ProbeMismatchError, agreement, probe_texts
from tests.requirements import requirement


@requirement("embedder.moved")
def test_there_are_ten_different_probe_texts() -> None:
    assert len(set(probe_texts())) == 10


def test_the_smallest_cosine_decides() -> None:
    kept = np.eye(3, dtype=np.float32)
    fresh = kept.copy()
    fresh[1] = [0, 0.6, 0.8]

    assert agreement(kept, kept * 2) == pytest.approx(1)
    assert agreement(kept, fresh) == pytest.approx(0.6)


@pytest.mark.parametrize("damaged", [0.0, float("nan"), float("inf")])
def test_a_damaged_vector_agrees_with_nothing(damaged: float) -> None:
    fresh = np.eye(3, dtype=np.float32)
    stored = fresh.copy()
    stored[1] = damaged

    assert agreement(stored, fresh) == -1


@pytest.mark.parametrize("shape", [(10, 383), (9, 384), (0, 384)])
def test_vectors_of_another_shape_cannot_be_compared(shape: tuple[int, int]) -> None:
    other = (10, 384) if shape[0] else shape

    with pytest.raises(ProbeMismatchError) as refused:
        agreement(np.ones(shape), np.ones(other))

    assert refused.value.code == "probe-mismatch"
    assert "mnemosyne reindex --again" in refused.value.hint
