"""The local embedder: MiniLM on onnxruntime, from a graph built here out of verified weights."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnemosyne.adapters.embedders.cache import CachedGraph, load_or_build
from mnemosyne.adapters.embedders.weights import Weights, read_verified
from mnemosyne.memories.ports import EmbedderIdentity

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

BUILDER_VERSION = 1
"""Counts up whenever the same weights would give another graph."""

MAX_TOKENS = 256
"""Longest input, its two special tokens included; chunks stay well below."""

NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""What onnxruntime has to find in the environment of the process before it is imported."""

_PADDED_TOKENS = 512
"""Tokens of one batch, padding included: larger ones fall out of the processor's cache."""


class Precision(StrEnum):
    """Arithmetic of the graph; vectors of the two are never mixed."""

    INT8 = "int8"
    FP32 = "fp32"


def open_minilm(
    weights: Weights,
    cache: Path,
    *,
    precision: Precision = Precision.INT8,
    expected_digest: str | None = None,
    threads: int | None = None,
) -> "MiniLmEmbedder":
    """Return the embedder of ``weights``, its graph taken from the folder ``cache`` or built.

    ``expected_digest`` is the digest of the graph that the vault keeps, None in a new vault.
    ``threads`` is how many batches of documents run at once; a question takes one thread, which
    measured faster than two.

    Raises:
        GraphCacheError: a build was due, and its result cannot be kept.
        WeightsAlteredError: a build was due, and the weights are not what they should be.
        WeightsUnsuitableError: a build was due, and the weights do not fit the network.
        GraphChangedError: the graph cannot be built as the vault knows it; opening without
            ``expected_digest`` gives the new embedder.
    """
    digests = f"{weights.model_sha256[:16]}-{weights.tokenizer_sha256[:16]}"
    key = f"{digests}-v{BUILDER_VERSION}-{precision}"

    def checked_graph(expected: str | None) -> CachedGraph:
        return load_or_build(cache, key, lambda: _build(weights, precision), expected)

    identity = EmbedderIdentity(
        name=weights.name,
        weights=weights.model_sha256,
        builder=BUILDER_VERSION,
        precision=precision.value,
        graph=checked_graph(expected_digest).digest,
        dimensions=weights.shape.hidden,
    )
    return MiniLmEmbedder(weights, identity, checked_graph, threads or default_threads())


def default_threads() -> int:
    """Return two, or one on a single processor: more gain little and disturb the person's work."""
    return min(2, os.cpu_count() or 1)


class MiniLmEmbedder:
    """Unit vectors of mean-pooled token states; safe to share between threads."""

    def __init__(
        self,
        weights: Weights,
        identity: EmbedderIdentity,
        checked_graph: Callable[[str | None], CachedGraph],
        threads: int,
    ) -> None:
        self.identity = identity
        self.dimensions = identity.dimensions
        self._weights = weights
        self._longest = min(MAX_TOKENS, weights.shape.positions)
        self._checked_graph = checked_graph
        self._threads = threads
        self._loading = threading.Lock()
        self._session: InferenceSession | None = None

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of ``text``, shape (dimensions,)."""
        if self._session is None:
            self._load_side_by_side()
        vector: NDArray[np.float32] = self._run([self._ids(text)])[0]
        return vector

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector for each text, in order, shape (n, dimensions).

        A text beyond 256 tokens is cut: chunk it first.
        """
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        rows = [self._ids(text) for text in texts]
        batches = list(_batches([len(row) for row in rows]))

        def encode(batch: list[int]) -> None:
            vectors[batch] = self._run([rows[index] for index in batch])

        if len(batches) == 1 or self._threads == 1:
            for batch in batches:
                encode(batch)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(encode, batches))
        return vectors

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of each token in characters of ``text``, special ones left out."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        offsets: list[tuple[int, int]] = encoding.offsets
        return offsets

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` has, special ones left out."""
        return len(self.token_offsets(text))

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer  # noqa: PLC0415 - a start that embeds nothing skips it

        content = read_verified(self._weights.tokenizer, self._weights.tokenizer_sha256)
        tokenizer = Tokenizer.from_buffer(content)
        # The published file pads everything to 128 tokens and cuts there.
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids if len(ids) <= self._longest else [*ids[: self._longest - 1], ids[-1]]

    def _run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        longest = max(map(len, rows))
        ids = np.zeros((len(rows), longest), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
        vectors: NDArray[np.float32] = self._loaded().run(["embedding"], inputs)[0]
        return vectors

    def _load_side_by_side(self) -> None:
        """Load graph and tokenizer at once, both outside the interpreter: somebody is waiting."""
        with ThreadPoolExecutor(1) as other:
            graph = other.submit(self._loaded)
            _ = self._tokenizer
            graph.result()

    def _loaded(self) -> "InferenceSession":
        with self._loading:
            if self._session is None:
                # Checked once more: it may be hours since the start, and a cache may be cleared.
                self._session = _load(self._checked_graph(self.identity.graph).file)
            return self._session


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield indexes, texts of like length together, so that little is padding."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > _PADDED_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _build(weights: Weights, precision: Precision) -> bytes:
    from mnemosyne.adapters.embedders import graph, quantise  # noqa: PLC0415 - loads onnx

    match precision:
        case Precision.INT8:
            return graph.build_graph(weights, quantise.Int8())
        case Precision.FP32:
            return graph.build_graph(weights, graph.FullPrecision())


def _load(graph: Path) -> "InferenceSession":
    # A person may have forced a release that reports to its maker as soon as it is imported; it
    # reads this variable then, and no sooner or later (docs/decisions/0021).
    os.putenv(NO_TELEMETRY, "1")  # written and never read, which is for the settings alone
    import onnxruntime  # noqa: PLC0415 - a start that embeds nothing skips it

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Batches run side by side in our threads instead: one graph, and no waiting inside of it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
