"""Tell whether the vectors of a vault still mean the same on this machine."""

import asyncio

from mnemosyne.kit.database import Database
from mnemosyne.memories.ports import Embedders
from mnemosyne.memories.probe import LEAST_AGREEMENT, ProbeMismatchError, agreement
from mnemosyne.memories.service.embedding import probed
from mnemosyne.memories.store import embeddings


class Probing:
    """Encodes the probe texts again and holds them against what the vault keeps of them."""

    def __init__(self, database: Database, embedders: Embedders) -> None:
        self._database = database
        self._embedders = embedders

    async def problem(self) -> str:
        """Return how far the vectors moved, or an empty text where they did not.

        Raises:
            GraphCacheError, WeightsAlteredError, WeightsUnsuitableError: of the embedder.
        """
        serving = await self._database.read(embeddings.serving)
        if serving is None:
            return ""
        embedder = await asyncio.to_thread(self._embedders.of, serving.identity)
        if embedder is None:  # search by words alone says so
            return ""
        kept = await self._database.read(lambda tx: embeddings.probe_of(tx, serving.id))
        try:
            least = agreement(kept, await probed(embedder))
        except ProbeMismatchError as error:
            return f"{error}. {error.why}"
        if least >= LEAST_AGREEMENT:
            return ""
        return (
            f"this machine encodes texts otherwise than the one that made the vectors: of ten "
            f"texts one agrees by {least:.3f} alone, and {LEAST_AGREEMENT} is the least"
        )
