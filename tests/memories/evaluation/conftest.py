"""The real model; its graph is built once for a run of the tests."""

import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder, open_minilm
from mnemosyne.adapters.embedders.weights import find_weights


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MiniLmEmbedder:
    base = tmp_path_factory.getbasetemp()
    cache = (base if worker_id == "master" else base.parent) / "graphs"
    return open_minilm(find_weights(), cache, threads=1)
