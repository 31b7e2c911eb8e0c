"""Holding stored vectors against fresh ones after a move."""

import numpy as np
import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder
from mnemosyne.memories.probe import (
    LEAST_AGREEMENT,
    ProbeMismatchError,
    agreement,
    probe_texts,
)


def test_there_are_ten_different_probe_texts() -> None:
    assert len(set(probe_texts())) == 10


def test_the_same_machine_agrees_with_vectors_stored_in_half_precision(
    embedder: MiniLmEmbedder,
) -> None:
    stored = embedder.embed_documents(probe_texts()).astype(np.float16)

    assert agreement(stored, embedder.embed_documents(probe_texts())) > 0.9999


def test_one_text_that_moved_decides(embedder: MiniLmEmbedder) -> None:
    stored = embedder.embed_documents(probe_texts())
    fresh = stored.copy()
    fresh[3] = stored[4]

    assert agreement(stored, fresh) == pytest.approx(float(stored[3] @ stored[4]), abs=1e-6)
    assert agreement(stored, fresh) < LEAST_AGREEMENT


def test_eight_bits_agree_with_full_precision_on_the_probe(
    embedder: MiniLmEmbedder, exact_embedder: MiniLmEmbedder
) -> None:
    stored, fresh = (each.embed_documents(probe_texts()) for each in (embedder, exact_embedder))

    assert agreement(stored, fresh) > LEAST_AGREEMENT


@pytest.mark.parametrize("damaged", [0.0, float("nan"), float("inf")])
def test_a_damaged_vector_agrees_with_nothing(damaged: float) -> None:
    fresh = np.eye(3, dtype=np.float32)
    stored = fresh.copy()
    stored[1] = damaged

    assert agreement(stored, fresh) == -1


@pytest.mark.parametrize("shape", [(10, 383), (9, 384), (0, 384)])
def test_vectors_of_another_shape_cannot_be_compared(shape: tuple[int, int]) -> None:
    other = (10, 384) if shape[0] else shape

    with pytest.raises(ProbeMismatchError):
        agreement(np.ones(shape), np.ones(other))
