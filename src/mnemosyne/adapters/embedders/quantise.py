"""Arithmetic in 8-bit integers, written straight into the graph.

Weights are symmetric with one scale for each output channel; activations are quantised as they
arrive, with one scale for each token. A scale for the whole batch, which is what dynamic
quantisation usually means, costs precision (one loud token coarsens all others) and lets the
vector of a text depend on the texts it was encoded with.

The rounding is done here in float32, element by element, and so gives the same bytes on every
machine; what the kernels make of them differs a little by processor.
"""

import numpy as np
import onnx
from numpy.typing import NDArray

from mnemosyne.adapters.embedders.graph import CONTRIB, FloatArray, GraphDraft

_LARGEST = np.float32(127)


def quantise(weight: FloatArray, axis: int) -> tuple[NDArray[np.int8], FloatArray]:
    """Return ``weight`` as int8 in −127…127, and the scales that undo it, reduced over ``axis``.

    A slice of zeros has scale 1.
    """
    largest = np.abs(weight).max(axis=axis, keepdims=True)
    scales = np.where(largest == 0, np.float32(1), largest / _LARGEST).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


class Int8:
    """8-bit weights and activations, 32-bit sums."""

    def look_up(self, draft: GraphDraft, table: FloatArray, name: str) -> str:
        """Return the rows of ``table`` that ``input_ids`` name; one scale for each word."""
        values, scales = quantise(table, axis=1)
        values_name = draft.constant(f"{name}.table", values)
        rows = draft.node("Gather", [values_name, "input_ids"], f"{name}.int8")
        scales_name = draft.constant(f"{name}.scales", scales)
        scale = draft.node("Gather", [scales_name, "input_ids"], f"{name}.scale")
        widened = draft.node("Cast", [rows], f"{name}.float", to=onnx.TensorProto.FLOAT)
        return draft.node("Mul", [widened, scale], name)

    def multiply(self, draft: GraphDraft, x: str, weight: FloatArray, name: str) -> str:
        """Return ``x @ weight``; one scale for each row of ``x``, one for each column of weight."""
        # Each row is brought to −1…1 and then quantised by constants, to unsigned integers around
        # 128, since unsigned times signed is the fast product on x86.
        step = draft.constant("int8.step", np.array(1 / _LARGEST, np.float32))
        middle = draft.constant("int8.middle", np.array(128, np.uint8))
        last = draft.constant("int8.last_axis", np.array([-1], np.int64))
        size = draft.node("Abs", [x], f"{name}.size")
        # A row of zeros gives no number here, any integers below, and zeros at the end.
        largest = draft.node("ReduceMax", [size, last], f"{name}.largest", keepdims=1)
        relative = draft.node("Div", [x, largest], f"{name}.relative")
        row = draft.node("QuantizeLinear", [relative, step, middle], f"{name}.uint8")
        values, scales = quantise(weight, axis=0)
        inputs = [
            row,
            draft.constant(f"{name}.weight", values),
            step,
            draft.constant(f"{name}.scales", scales[0]),
            middle,
        ]
        product = draft.node("MatMulIntegerToFloat", inputs, f"{name}.product", CONTRIB)
        return draft.node("Mul", [product, largest], name)
