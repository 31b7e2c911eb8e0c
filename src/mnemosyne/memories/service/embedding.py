"""From texts to chunks and their vectors, in batches that keep the embedder busy."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Final

import numpy as np

from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.memories.chunking import CHUNK_TOKENS, Chunk, chunk
from mnemosyne.memories.ports import Embedder
from mnemosyne.memories.probe import probe_texts
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder, Vectors
from mnemosyne.memories.store.enriching import StoredText

MOST_CHARACTERS: Final = 100_000
"""Of one batch: a few seconds of encoding, well within the lease of whoever does the work."""


def within(most: int, sizes: Iterable[int]) -> int:
    """Return how many of the first ``sizes`` together are at most ``most``, and at least one."""
    sums = accumulate(sizes)
    return max(1, sum(1 for _ in takewhile(lambda total: total <= most, sums)))


def embed(embedder: Embedder, texts: Sequence[StoredText]) -> list[Embedded]:
    """Return the chunks and vectors of each text; synchronous, and slow by nature."""
    chunked = [_chunks(embedder, text.content) for text in texts]
    stretches = [
        text.content[part.start : part.end]
        for text, parts in zip(texts, chunked, strict=True)
        for part in parts
    ]
    vectors = embedder.embed_documents(stretches) if stretches else np.empty((0, 0), np.float32)
    found = []
    first = 0
    for text, parts in zip(texts, chunked, strict=True):
        after = first + len(parts)
        found.append(Embedded(text.seq, text.version, tuple(parts), vectors[first:after]))
        first = after
    return found


async def registered(database: Database, embedder: Embedder, clock: Clock) -> KnownEmbedder:
    """Return the row of an embedder; only a new one is written."""
    identity, at = embedder.identity, clock()
    for each in await database.read(embeddings.known):
        if each.identity == identity:
            return each
    probe = await probed(embedder)
    return await database.write(lambda tx: embeddings.register(tx, identity, at, probe))


async def probed(embedder: Embedder) -> Vectors:
    """Return the vectors that this embedder gives the probe texts on this machine, now."""
    return await asyncio.to_thread(embedder.embed_documents, probe_texts())


def _chunks(embedder: Embedder, text: str) -> list[Chunk]:
    if len(text) <= CHUNK_TOKENS:  # a token is at least a character
        return [Chunk(0, len(text))]
    return chunk(text, embedder.token_offsets(text))
