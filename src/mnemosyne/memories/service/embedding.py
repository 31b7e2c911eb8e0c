"""From texts to chunks and their vectors, in batches that keep the embedder busy."""

from collections.abc import Sequence

import numpy as np

from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.memories.chunking import CHUNK_TOKENS, Chunk, chunk
from mnemosyne.memories.model import Memory
from mnemosyne.memories.ports import Embedder
from mnemosyne.memories.store import embeddings
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder


def embed(embedder: Embedder, memories: Sequence[Memory]) -> list[Embedded]:
    """Return the chunks and vectors of each memory's text; synchronous, and slow by nature."""
    chunked = [_chunks(embedder, memory.content) for memory in memories]
    texts = [
        memory.content[part.start : part.end]
        for memory, parts in zip(memories, chunked, strict=True)
        for part in parts
    ]
    vectors = embedder.embed_documents(texts) if texts else np.empty((0, 0), np.float32)
    found = []
    first = 0
    for memory, parts in zip(memories, chunked, strict=True):
        after = first + len(parts)
        found.append(Embedded(memory.seq, memory.version, tuple(parts), vectors[first:after]))
        first = after
    return found


async def registered(database: Database, embedder: Embedder, clock: Clock) -> KnownEmbedder:
    """Return the row of an embedder; only a new one is written."""
    identity, at = embedder.identity, clock()
    for each in await database.read(embeddings.known):
        if each.identity == identity:
            return each
    return await database.write(lambda tx: embeddings.register(tx, identity, at))


def _chunks(embedder: Embedder, text: str) -> list[Chunk]:
    if len(text) <= CHUNK_TOKENS:  # a token is at least a character
        return [Chunk(0, len(text))]
    return chunk(text, embedder.token_offsets(text))
