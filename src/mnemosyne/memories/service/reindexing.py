"""Embed again with another embedder, in the background; old vectors serve until it is done."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.events import change_log, outbox
from mnemosyne.events.dispatcher import Apply, Handler
from mnemosyne.events.outbox import Event
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.ports import Embedders
from mnemosyne.memories.service.embedding import MOST_CHARACTERS, embed, probed, registered, within
from mnemosyne.memories.store import embeddings, enriching
from mnemosyne.memories.store.embeddings import KnownEmbedder
from mnemosyne.memories.store.enriching import StoredText

REEMBED: Final = "memory.reembed"
_AT_ONCE: Final = 256


class Reindexing:
    """Brings the vectors of a vault to the embedder that the settings ask for."""

    def __init__(self, database: Database, clock: Clock, embedders: Embedders) -> None:
        self._database = database
        self._clock = clock
        self._embedders = embedders

    async def start(self, principal: Principal, *, again: bool = False) -> int:
        """Ask for vectors where they are missing, and for work that was given up, to be done.

        With ``again`` every vector counts as missing; the ones there are serve until the last
        new one is made. Returns for how many memories vectors are missing.

        Raises:
            GraphCacheError, WeightsAlteredError, WeightsUnsuitableError: of the embedder.
        """
        principal.require(Scope.MEMORY_WRITE)
        embedder = await asyncio.to_thread(self._embedders.wanted)
        at = self._clock()
        before = probe = None
        if embedder is not None:
            before = await registered(self._database, embedder, self._clock)
            # One that does not serve yet is being embedded with at this moment.
            probe = await probed(embedder) if again and before.serving else None

        def write(tx: Connection) -> int:
            outbox.retry_failed(tx, at)
            if before is None:
                return 0
            owner = principal.person
            known = before if probe is None else embeddings.renew(tx, before, at, probe)
            missing = embeddings.missing(tx, owner, known.id)
            if missing or not known.serving:
                request(tx, owner, self._clock)
            return missing

        return await self._database.write(write)

    def handler(self) -> Handler:
        """Return the handler that embeds the next memories, and itself asks for the ones after."""
        return Handler(REEMBED, self._prepare)

    async def _prepare(self, events: Sequence[Event]) -> Apply:
        owner = events[0].owner
        embedder = await asyncio.to_thread(self._embedders.wanted)
        if embedder is None:  # asked for again as soon as there are weights
            return _nothing
        known = await registered(self._database, embedder, self._clock)
        texts = await self._database.read(lambda tx: _without_vectors(tx, owner, known.id))
        if not texts:
            return lambda tx: self._serve(tx, owner, known)
        embedded = await asyncio.to_thread(embed, embedder, texts)

        def apply(tx: Connection) -> None:
            present = enriching.versions(tx, owner, [text.id for text in texts])
            current = [
                vectors
                for text, vectors in zip(texts, embedded, strict=True)
                if present.get(text.id) == text.version
            ]
            embeddings.put(tx, owner, known.id, current)
            change_log.put(tx, owner, [each.memory_seq for each in current])
            outbox.record(tx, owner=owner, topic=REEMBED, subject="", at=self._clock())

        return apply

    def _serve(self, tx: Connection, owner: Identifier, done: KnownEmbedder) -> None:
        """Let the new vectors answer once nobody of this node lacks one; then the old ones go."""
        at = self._clock()
        known = next((each for each in embeddings.known(tx) if each.id == done.id), None)
        if known is None:  # yet another one took over meanwhile
            return
        everybody = accounts.everybody(tx)
        behind = [person for person in everybody if embeddings.missing(tx, person, known.id)]
        for person in behind:
            if person == owner:  # captured in this moment; the event at hand is done with
                outbox.record(tx, owner=owner, topic=REEMBED, subject="", at=at)
            else:
                request(tx, person, self._clock)
        if not behind and not known.serving:
            embeddings.serve(tx, known.id)


def request(tx: Connection, owner: Identifier, clock: Clock) -> None:
    """Ask for the memories of ``owner`` to be embedded again, unless that is asked already."""
    if outbox.find(tx, owner, REEMBED, "") is None:
        outbox.record(tx, owner=owner, topic=REEMBED, subject="", at=clock())


def _without_vectors(tx: Connection, owner: Identifier, embedder_id: int) -> list[StoredText]:
    ids = embeddings.without_vectors(tx, owner, embedder_id, _AT_ONCE)
    lengths = enriching.lengths(tx, owner, ids)
    return enriching.texts(
        tx, owner, ids[: within(MOST_CHARACTERS, (lengths[each] for each in ids))]
    )


def _nothing(_tx: Connection) -> None:
    return None
