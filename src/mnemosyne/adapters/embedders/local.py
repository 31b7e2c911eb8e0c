"""The embedders of this machine: which weights there are, opened when first needed."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mnemosyne.adapters.embedders.errors import GraphChangedError, WeightsMissingError
from mnemosyne.adapters.embedders.minilm import (
    BUILDER_VERSION,
    MiniLmEmbedder,
    Precision,
    open_minilm,
)
from mnemosyne.adapters.embedders.weights import Weights, find_own_weights, find_weights
from mnemosyne.memories.ports import EmbedderIdentity

_PRECISIONS: Final = frozenset(Precision)


class LocalEmbedders:
    """The embedder that settings ask for, and the ones that made vectors of this vault before."""

    def __init__(
        self,
        weights: Path | None,
        cache: Path,
        precision: Precision,
        threads: int,
        known: Sequence[EmbedderIdentity],
    ) -> None:
        self._folder = weights
        self._cache = cache
        self._precision = precision
        self._threads = threads or None
        self._known = known
        self._opening = threading.Lock()
        self._opened: dict[tuple[str, str, str], MiniLmEmbedder] = {}
        self._found: dict[Path | None, Weights] = {}
        self._wanted: MiniLmEmbedder | None = None
        self._problem = ""

    def wanted(self) -> MiniLmEmbedder | None:
        """Return the one that the settings ask for, or None where there are no weights for it.

        Raises:
            GraphCacheError, WeightsAlteredError, WeightsUnsuitableError: as ``open_minilm``.
        """
        with self._opening:
            # Asked for after each capture, and looking for files takes longer than a short text.
            if self._wanted is None:
                try:
                    weights = self._weights(self._folder)
                except WeightsMissingError as error:
                    self._problem = str(error)
                    return None
                self._problem = ""
                self._wanted = self._open(weights, self._precision)
            return self._wanted

    def of(self, identity: EmbedderIdentity) -> MiniLmEmbedder | None:
        """Return the one that made the vectors of ``identity``, if it can still be had.

        Raises:
            GraphCacheError, WeightsAlteredError, WeightsUnsuitableError: as ``open_minilm``.
        """
        for folder in dict.fromkeys((self._folder, None)):
            with self._opening:
                try:
                    weights = self._weights(folder)
                except WeightsMissingError:
                    continue
                if (
                    weights.model_sha256 != identity.weights
                    or identity.precision not in _PRECISIONS
                ):
                    continue
                found = self._open(weights, Precision(identity.precision))
                if found.identity == identity:
                    return found
        return None

    def problem(self) -> str:
        """Return why the wanted one cannot be had, or an empty text."""
        return self._problem

    def _weights(self, folder: Path | None) -> Weights:
        """Return the person's own weights in ``folder``, or the published ones; hash them once.

        Raises:
            WeightsMissingError, WeightsAlteredError, WeightsUnsuitableError
        """
        if folder not in self._found:
            self._found[folder] = find_own_weights(folder) if folder else find_weights()
        return self._found[folder]

    def _open(self, weights: Weights, precision: Precision) -> MiniLmEmbedder:
        key = (weights.model_sha256, weights.tokenizer_sha256, precision.value)
        if key not in self._opened:
            self._opened[key] = self._as_known(weights, precision)
        return self._opened[key]

    def _as_known(self, weights: Weights, precision: Precision) -> MiniLmEmbedder:
        """Open with the digest that the vault keeps; a graph that must differ is a new embedder."""
        asked = (weights.model_sha256, BUILDER_VERSION, precision.value)
        expected = next(
            (k.graph for k in self._known if (k.weights, k.builder, k.precision) == asked), None
        )
        try:
            return open_minilm(
                weights,
                self._cache,
                precision=precision,
                expected_digest=expected,
                threads=self._threads,
            )
        except GraphChangedError:
            return open_minilm(weights, self._cache, precision=precision, threads=self._threads)
