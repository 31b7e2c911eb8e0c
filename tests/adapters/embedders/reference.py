"""BERT with mean pooling in plain numpy, after Devlin et al. (2018): shares no code with ours."""

import json
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from mnemosyne.adapters.embedders.weights import Weights

Array = NDArray[np.float32]

_erf = np.vectorize(math.erf, otypes=[np.float32])


class Reference:
    def __init__(self, weights: Weights) -> None:
        self.tensors: dict[str, Array] = load_file(weights.model)
        self.tokenizer = Tokenizer.from_file(str(weights.tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)
        self.shape = weights.shape

    def encode(self, text: str) -> Array:
        ids = self.tokenizer.encode(text).ids
        table = {
            name: self.tensors[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        }
        x = table["word"][ids] + table["position"][: len(ids)] + table["token_type"][0]
        x = self.normalise(x, "embeddings.LayerNorm")
        for layer in range(self.shape.layers):
            x = self.layer(x, f"encoder.layer.{layer}")
        mean = x.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def layer(self, x: Array, name: str) -> Array:
        tokens, hidden = x.shape
        heads = self.shape.heads
        query, key, value = (
            self.linear(x, f"{name}.attention.self.{part}")
            .reshape(tokens, heads, hidden // heads)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(hidden // heads)
        weight = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        mixed = (weight @ value).transpose(1, 0, 2).reshape(tokens, hidden)
        projected = self.linear(mixed, f"{name}.attention.output.dense")
        x = self.normalise(projected + x, f"{name}.attention.output.LayerNorm")
        inner = self.linear(x, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + _erf(inner / math.sqrt(2)))
        return self.normalise(
            self.linear(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm"
        )

    def linear(self, x: Array, name: str) -> Array:
        product: Array = x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]
        return product

    def normalise(self, x: Array, name: str) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.shape.epsilon)
        gain, shift = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        normal: Array = centred / deviation * gain + shift
        return normal


def write_small_bert(folder: Path, tokenizer: Path, seed: int = 0) -> None:
    """Write random weights of 2 layers and 16 dimensions, their sizes in ``config.json``."""
    random = np.random.default_rng(seed)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "vocab_size": 30522}
    hidden, inner = 16, 32
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (30522, hidden),
        "embeddings.position_embeddings.weight": (512, hidden),
        "embeddings.token_type_embeddings.weight": (2, hidden),
        "embeddings.LayerNorm": (hidden,),
    }
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{name}.attention.{part}"] = (hidden, hidden)
        shapes[f"{name}.intermediate.dense"] = (inner, hidden)
        shapes[f"{name}.output.dense"] = (hidden, inner)
        shapes[f"{name}.attention.output.LayerNorm"] = (hidden,)
        shapes[f"{name}.output.LayerNorm"] = (hidden,)
    tensors: dict[str, Array] = {}
    for name, shape in shapes.items():
        if name.endswith("embeddings.weight"):
            tensors[name] = random.normal(size=shape).astype(np.float32)
        else:
            tensors[f"{name}.weight"] = random.normal(size=shape).astype(np.float32)
            tensors[f"{name}.bias"] = random.normal(size=shape[0]).astype(np.float32)
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    config = {**sizes, "model_type": "bert", "num_hidden_layers": 2, "num_attention_heads": 4}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
