"""Embed again with another embedder, in the background; old vectors serve until it is done."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import (
    RESTRICTED_OWNERS,
    processed,
    require_unrestricted,
    since,
)
from mnemosyne.events import change_log, outbox
from mnemosyne.events.dispatcher import Apply, Handler, NotYetError
from mnemosyne.events.outbox import Backlog, Event
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


@dataclass(frozen=True, slots=True)
class AskedFor:
    """For how many memories of a person vectors are missing, and what waits now of theirs."""

    missing: int
    backlog: Backlog


class Reindexing:
    """Brings the vectors of a vault to the embedder that the settings ask for."""

    def __init__(self, database: Database, clock: Clock, embedders: Embedders) -> None:
        self._database = database
        self._clock = clock
        self._embedders = embedders

    async def start(self, principal: Principal, *, again: bool = False) -> AskedFor:
        """Ask for vectors where they are missing, and for work that was given up, to be done.

        With ``again`` every vector counts as missing; the ones there are serve until the last
        new one is made. That concerns everybody's, so it is for whoever runs the node.

        Raises:
            MissingScopeError: the credential may not write, or not ask for everybody's anew.
            GraphCacheError, WeightsAlteredError, WeightsUnsuitableError: of the embedder.
        """
        principal.require(Scope.MEMORY_WRITE)
        if again:
            principal.require(Scope.ADMIN)
        embedder = await asyncio.to_thread(self._embedders.wanted)
        at = self._clock()
        before = probe = None
        if embedder is not None:
            before = await registered(self._database, embedder, self._clock)
            # One that does not serve yet is being embedded with at this moment.
            probe = await probed(embedder) if again and before.serving else None

        def write(tx: Connection) -> AskedFor:
            owner = principal.person
            require_unrestricted(tx, owner)
            outbox.retry_failed(tx, owner, at)
            missing = 0 if before is None else ask(tx, owner, before)
            return AskedFor(missing, outbox.backlog(tx, owner))

        def ask(tx: Connection, owner: Identifier, before: KnownEmbedder) -> int:
            known = before if probe is None else embeddings.renew(tx, before, at, probe)
            missing = embeddings.missing(tx, owner, known.id)
            if missing or not known.serving:
                request(tx, owner, self._clock)
            return missing

        return await self._database.write(write)

    def handler(self) -> Handler:
        """Return the handler that embeds the next memories, and itself asks for the ones after."""
        return Handler(REEMBED, self._prepare, held=RESTRICTED_OWNERS)

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
            require_free(tx, [owner])
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
        # Whoever has restricted processing keeps nobody waiting: theirs is embedded afterwards.
        if all(map(partial(since, tx), behind)) and not known.serving:
            embeddings.serve(tx, known.id)


def require_free(tx: Connection, owners: Iterable[Identifier]) -> None:
    """Refuse to write what was found out for somebody who wants nothing done, or was erased.

    Raises:
        NotYetError: one of ``owners`` is so; from now on their events are not due, or gone.
    """
    if not all(map(partial(processed, tx), owners)):
        raise NotYetError("somebody was erased or restricted processing meanwhile")


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
