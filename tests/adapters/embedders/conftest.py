"""The real model; its graph is built once for a run of the tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder, Precision, open_minilm
from mnemosyne.adapters.embedders.weights import Weights, find_weights


@pytest.fixture(scope="session")
def weights() -> Weights:
    return find_weights()


@pytest.fixture(scope="session")
def embedder_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all workers of a run, which may build at once; never that of an older run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "graphs"


@pytest.fixture(scope="session")
def embedder(weights: Weights, embedder_cache: Path) -> MiniLmEmbedder:
    return open_minilm(weights, embedder_cache, threads=1)


@pytest.fixture(scope="session")
def exact_embedder(
    weights: Weights, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MiniLmEmbedder]:
    cache = tmp_path_factory.mktemp("exact")  # large, so not kept between runs
    yield open_minilm(weights, cache, precision=Precision.FP32, threads=1)
    shutil.rmtree(cache)
