"""What the real model does to the probe texts, here and in another precision."""

import numpy as np
import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder
from mnemosyne.memories.probe import (
    LEAST_AGREEMENT,
    agreement,
    probe_texts,
)


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
