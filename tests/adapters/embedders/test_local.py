"""The embedders of a machine: the wanted one, the ones before, and why there is none."""

from dataclasses import replace
from pathlib import Path

from mnemosyne.adapters.embedders.local import LocalEmbedders
from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder, Precision
from mnemosyne.adapters.embedders.weights import Weights


def test_without_weights_there_is_none_and_it_is_said_why(tmp_path: Path) -> None:
    embedders = LocalEmbedders(tmp_path / "none", tmp_path / "cache", Precision.INT8, 1, [])

    assert embedders.problem() == ""
    assert embedders.wanted() is None
    assert embedders.problem()
    assert not (tmp_path / "cache").exists()


def test_the_wanted_one_is_opened_once_and_has_no_problem(
    weights: Weights, embedder: MiniLmEmbedder, embedder_cache: Path
) -> None:
    embedders = LocalEmbedders(None, embedder_cache, Precision.INT8, 1, [])

    found = embedders.wanted()

    assert found is not None
    assert found is embedders.wanted()
    assert found is embedders.of(found.identity)
    assert (found.identity, found.identity.weights) == (embedder.identity, weights.model_sha256)
    assert embedders.problem() == ""


def test_the_problem_is_gone_once_the_weights_are_there(
    weights: Weights, embedder_cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    embedders = LocalEmbedders(folder, embedder_cache, Precision.INT8, 1, [])
    assert embedders.wanted() is None
    assert embedders.problem()

    folder.mkdir()
    (folder / "model.safetensors").symlink_to(weights.model)
    (folder / "tokenizer.json").symlink_to(weights.tokenizer)

    assert embedders.wanted() is not None
    assert embedders.problem() == ""


def test_an_embedder_that_cannot_be_had_again_is_none(
    embedder: MiniLmEmbedder, embedder_cache: Path
) -> None:
    embedders = LocalEmbedders(None, embedder_cache, Precision.INT8, 1, [embedder.identity])

    assert embedders.of(embedder.identity) is not None
    for change in ({"weights": "f" * 64}, {"builder": 0}, {"graph": "f" * 64}):
        assert embedders.of(replace(embedder.identity, **change)) is None
    assert embedders.of(replace(embedder.identity, precision="int2")) is None
