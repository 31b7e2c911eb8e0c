"""The built graph says what the published network says."""

import hashlib

import numpy as np
import pytest
from safetensors.numpy import load_file

from mnemosyne.adapters.embedders.graph import build_graph
from mnemosyne.adapters.embedders.minilm import BUILDER_VERSION, MiniLmEmbedder
from mnemosyne.adapters.embedders.quantise import Int8, quantise
from mnemosyne.adapters.embedders.weights import Weights
from tests.adapters.embedders.reference import Reference

TEXTS = (
    "x",
    "Where did we leave the ladder?",
    "Maria repaired a bicycle near the harbour and wrote down what it taught her.",
    "Grüße aus Łódź — 東京 и Киев 🚲",
    "The committee met on Tuesday. It decided nothing. " * 12,
    "An orchard of old trees, each with a name. " * 60,
)


@pytest.fixture(scope="module")
def reference(weights: Weights) -> Reference:
    return Reference(weights)


@pytest.mark.parametrize("text", TEXTS)
def test_in_full_precision_it_agrees_with_a_plain_forward_pass(
    exact_embedder: MiniLmEmbedder, reference: Reference, text: str
) -> None:
    assert exact_embedder.embed_query(text) @ reference.encode(text) > 0.9999


@pytest.mark.parametrize("text", TEXTS)
def test_in_eight_bits_it_stays_close_to_a_plain_forward_pass(
    embedder: MiniLmEmbedder, reference: Reference, text: str
) -> None:
    assert embedder.embed_query(text) @ reference.encode(text) > 0.98


def test_eight_bits_keep_order_among_related_and_unrelated_texts(embedder: MiniLmEmbedder) -> None:
    question = embedder.embed_query("How do I mend a flat tyre?")
    related, other = embedder.embed_documents(
        ["Patching a punctured bicycle wheel.", "A soup of lentils and lemon."]
    )

    assert question @ related > question @ other + 0.2


def test_the_same_weights_give_the_same_bytes(weights: Weights, embedder: MiniLmEmbedder) -> None:
    again = hashlib.sha256(build_graph(weights, Int8())).hexdigest()

    assert again == embedder.identity.graph


def test_another_graph_needs_another_builder_version(embedder: MiniLmEmbedder) -> None:
    # Digests are kept in vaults: whoever changes the graph counts BUILDER_VERSION up, and here.
    known = {1: "f5df1704878e8ddb3c5935629703ab9f21636d2781c8fd0848abf91860924167"}

    assert embedder.identity.graph == known[BUILDER_VERSION]


def test_a_graph_names_the_tokenizer_it_belongs_to(weights: Weights) -> None:
    assert weights.tokenizer_sha256.encode() in build_graph(weights, Int8())


def test_quantising_errs_by_half_a_step_at_most(weights: Weights) -> None:
    name = "encoder.layer.0.output.dense.weight"
    weight = load_file(weights.model)[name]

    values, scales = quantise(weight, axis=1)

    assert scales.shape == (weight.shape[0], 1)
    assert np.abs(values * scales - weight).max() <= scales.max() * 0.5001


def test_quantising_zeros_gives_zeros() -> None:
    values, scales = quantise(np.zeros((3, 4), np.float32), axis=0)

    assert not values.any()
    assert (scales == 1).all()
