"""Build the network of a BERT sentence encoder as an ONNX graph, from its weights alone.

Token ids and an attention mask go in, unit vectors come out: embedding, fused transformer layers,
mean pooling over the mask and L2 normalisation are all inside. Importing this module loads
``onnx``, so only a build does.

Equal weights give equal bytes, on any machine: the digest of the graph is part of an embedder's
identity. Whoever changes what is built counts ``BUILDER_VERSION`` up.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors import SafetensorError
from safetensors.numpy import load

from mnemosyne.adapters.embedders.errors import WeightsUnsuitableError
from mnemosyne.adapters.embedders.weights import BertShape, Weights, read_verified

CONTRIB = "com.microsoft"
# Old enough for every onnxruntime in our range, so that a newer onnx builds the same bytes.
_OPSET, _IR_VERSION = 18, 10

FloatArray = NDArray[np.float32]


class GraphDraft:
    """Nodes and constants of a graph in the making; a value is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant, unless one of that name is there, and return the name."""
        if name not in self.constants:
            # Not ascontiguousarray, which makes one-dimensional arrays of scalars.
            self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        output: str | Sequence[str],
        domain: str = "",
        **attributes: float,
    ) -> str:
        """Add a node and return the name of its first output."""
        outputs = [output] if isinstance(output, str) else list(output)
        node = helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain)
        node.attribute.extend(helper.make_attribute(*item) for item in sorted(attributes.items()))
        self.nodes.append(node)
        return outputs[0]


class Arithmetic(Protocol):
    """The two places where weights meet activations, in one precision."""

    def look_up(self, draft: GraphDraft, table: FloatArray, name: str) -> str:
        """Return the rows of ``table`` that ``input_ids`` name."""
        ...

    def multiply(self, draft: GraphDraft, x: str, weight: FloatArray, name: str) -> str:
        """Return ``x @ weight``."""
        ...


class FullPrecision:
    """float32 throughout."""

    def look_up(self, draft: GraphDraft, table: FloatArray, name: str) -> str:
        """Return the rows of ``table`` that ``input_ids`` name."""
        return draft.node("Gather", [draft.constant(f"{name}.table", table), "input_ids"], name)

    def multiply(self, draft: GraphDraft, x: str, weight: FloatArray, name: str) -> str:
        """Return ``x @ weight``."""
        return draft.node("MatMul", [x, draft.constant(f"{name}.weight", weight)], name)


def build_graph(weights: Weights, arithmetic: Arithmetic) -> bytes:
    """Return the serialised graph of ``weights``.

    Inputs ``input_ids`` and ``attention_mask``: int64, (batch, sequence). Output ``embedding``:
    float32, (batch, hidden), each row of length 1.

    Raises:
        WeightsAlteredError: the file is not the one ``weights`` describes.
        WeightsUnsuitableError: a tensor is missing or has another shape.
    """
    tensors = _Tensors(weights)
    draft = GraphDraft()
    draft.node("Cast", ["attention_mask"], "mask_int32", to=onnx.TensorProto.INT32)
    x = _embedding(draft, arithmetic, tensors)
    for layer in range(weights.shape.layers):
        x = _layer(draft, arithmetic, tensors, x, layer)
    _pool(draft, x)
    return _serialise(draft, weights)


class _Tensors:
    """The weights by name, float32, each checked against the shape it must have."""

    def __init__(self, weights: Weights) -> None:
        self.shape: BertShape = weights.shape
        self._folder = weights.model.parent
        content = read_verified(weights.model, weights.model_sha256)
        try:
            self._all = load(content)
        except SafetensorError as error:
            reason = f"{weights.model.name} is not a safetensors file"
            raise WeightsUnsuitableError(self._folder, reason) from error

    def get(self, name: str, *shape: int) -> FloatArray:
        tensor = self._all.get(name)
        if tensor is None or tensor.shape != shape:
            found = "missing" if tensor is None else f"of shape {tensor.shape}, not {shape}"
            raise WeightsUnsuitableError(self._folder, f"the tensor {name} is {found}")
        return tensor.astype(np.float32, copy=False)

    def dense(self, name: str, inputs: int, outputs: int) -> tuple[FloatArray, FloatArray]:
        weight = self.get(f"{name}.weight", outputs, inputs)
        return weight.T, self.get(f"{name}.bias", outputs)

    def norm(self, name: str) -> tuple[FloatArray, FloatArray]:
        hidden = self.shape.hidden
        return self.get(f"{name}.weight", hidden), self.get(f"{name}.bias", hidden)


def _embedding(draft: GraphDraft, arithmetic: Arithmetic, tensors: _Tensors) -> str:
    shape = tensors.shape
    table = tensors.get("embeddings.word_embeddings.weight", shape.vocabulary, shape.hidden)
    words = arithmetic.look_up(draft, table, "words")
    # One segment only, so that its embedding can be part of the positions'.
    segment = tensors.get("embeddings.token_type_embeddings.weight", 2, shape.hidden)[0]
    positions = tensors.get("embeddings.position_embeddings.weight", shape.positions, shape.hidden)
    length = draft.node("Shape", ["input_ids"], "sequence", start=1, end=2)
    zero = draft.constant("zero", np.array([0], np.int64))
    table_name = draft.constant("positions.table", positions + segment)
    places = draft.node("Slice", [table_name, zero, length, zero], "positions")
    draft.node("Add", [words, places], "embedded")
    norm = tensors.norm("embeddings.LayerNorm")
    return _normalise(draft, "embedded", norm, "input", shape.epsilon)


def _layer(draft: GraphDraft, arithmetic: Arithmetic, tensors: _Tensors, x: str, layer: int) -> str:
    shape, theirs, ours = tensors.shape, f"encoder.layer.{layer}", f"layer{layer}"
    y = _attention(draft, arithmetic, tensors, x, layer)
    weight, bias = tensors.dense(f"{theirs}.attention.output.dense", shape.hidden, shape.hidden)
    y = arithmetic.multiply(draft, y, weight, f"{ours}.projection")
    x = _add_skipped(draft, y, bias, x, f"{ours}.attended.sum")
    norm = tensors.norm(f"{theirs}.attention.output.LayerNorm")
    x = _normalise(draft, x, norm, f"{ours}.attended", shape.epsilon)
    weight, bias = tensors.dense(f"{theirs}.intermediate.dense", shape.hidden, shape.intermediate)
    y = arithmetic.multiply(draft, x, weight, f"{ours}.intermediate")
    # BiasGelu is the exact (erf) activation; FastGelu would be the tanh approximation.
    bias_name = draft.constant(f"{ours}.intermediate.bias", bias)
    y = draft.node("BiasGelu", [y, bias_name], f"{ours}.gelu", CONTRIB)
    weight, bias = tensors.dense(f"{theirs}.output.dense", shape.intermediate, shape.hidden)
    y = arithmetic.multiply(draft, y, weight, f"{ours}.output")
    x = _add_skipped(draft, y, bias, x, f"{ours}.sum")
    norm = tensors.norm(f"{theirs}.output.LayerNorm")
    return _normalise(draft, x, norm, ours, shape.epsilon)


def _attention(
    draft: GraphDraft, arithmetic: Arithmetic, tensors: _Tensors, x: str, layer: int
) -> str:
    hidden, name = tensors.shape.hidden, f"layer{layer}.attention"
    parts = [
        tensors.dense(f"encoder.layer.{layer}.attention.self.{part}", hidden, hidden)
        for part in ("query", "key", "value")
    ]
    weight = np.concatenate([part[0] for part in parts], axis=1)
    bias = draft.constant(f"{name}.bias", np.concatenate([part[1] for part in parts]))
    y = arithmetic.multiply(draft, x, weight, f"{name}.joined")
    split = [f"{name}.{part}" for part in ("query", "key", "value")]
    draft.node("Split", [y], split, axis=-1, num_outputs=3)
    inputs = [*split, bias, "mask_int32"]
    return draft.node("MultiHeadAttention", inputs, name, CONTRIB, num_heads=tensors.shape.heads)


def _add_skipped(draft: GraphDraft, y: str, bias: FloatArray, skipped: str, name: str) -> str:
    biased = draft.node("Add", [y, draft.constant(f"{name}.bias", bias)], f"{name}.biased")
    return draft.node("Add", [biased, skipped], name)


def _normalise(
    draft: GraphDraft, x: str, norm: tuple[FloatArray, FloatArray], name: str, epsilon: float
) -> str:
    # Three plain operators outran the fused SkipLayerNormalization by a fifth of the whole graph:
    # its kernel for the CPU is not vectorised.
    inputs = [
        x,
        draft.constant(f"{name}.gamma", norm[0]),
        draft.constant(f"{name}.beta", norm[1]),
    ]
    return draft.node("LayerNormalization", inputs, name, axis=-1, epsilon=epsilon)


def _pool(draft: GraphDraft, x: str) -> None:
    # The mean over the mask and its sum point the same way; only the direction is kept.
    draft.node("Cast", ["attention_mask"], "mask_float", to=onnx.TensorProto.FLOAT)
    last = draft.constant("axis.last", np.array([-1], np.int64))
    mask = draft.node("Unsqueeze", ["mask_float", last], "mask")
    masked = draft.node("Mul", [x, mask], "masked")
    tokens = draft.constant("axis.tokens", np.array([1], np.int64))
    total = draft.node("ReduceSum", [masked, tokens], "sum", keepdims=0)
    draft.node("LpNormalization", [total], "embedding", axis=-1, p=2)


def _serialise(draft: GraphDraft, weights: Weights) -> bytes:
    integer, floating = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info(name, integer, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ]
    shape: list[str | int | None] = ["batch", weights.shape.hidden]
    outputs = [helper.make_tensor_value_info("embedding", floating, shape)]
    graph = helper.make_graph(draft.nodes, "encoder", inputs, outputs, [*draft.constants.values()])
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, 1)],
        producer_name="mnemosyne",
        ir_version=_IR_VERSION,
    )
    # Another tokenizer makes other vectors from equal weights, so the digest covers it too.
    helper.set_model_props(
        model, {"model": weights.model_sha256, "tokenizer": weights.tokenizer_sha256}
    )
    return bytes(model.SerializeToString(deterministic=True))
