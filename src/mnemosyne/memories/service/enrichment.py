"""Understand what was captured: language, secrets, names, dates, domains and meaning."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mnemosyne.contacts import store as contacts
from mnemosyne.events.dispatcher import Apply, Handler
from mnemosyne.events.outbox import Event
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.enrichment import dates, domains, language, secrets, vocabulary
from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.model import Memory, MemoryDomain
from mnemosyne.memories.ports import Embedder, Embedders
from mnemosyne.memories.service import reindexing
from mnemosyne.memories.service.embedding import embed, registered
from mnemosyne.memories.store import domain_examples, embeddings, enriching, reading
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder
from mnemosyne.memories.store.enriching import Understood
from mnemosyne.memories.store.writing import ENRICH

_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class _Known:
    """What a person's texts are read with."""

    names: Names
    examples: Mapping[str, tuple[str, ...]]
    corrected: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Memories of one person, and what they are read with."""

    owner: Identifier
    memories: tuple[Memory, ...]
    known: _Known


class Enrichment:
    """Reads each new version once, and stores all that was found out in one transaction."""

    def __init__(
        self, database: Database, clock: Clock, embedders: Embedders, zone: tzinfo
    ) -> None:
        self._database = database
        self._clock = clock
        self._embedders = embedders
        self._zone = zone
        self._prototypes: dict[tuple[str, int], domains.Prototypes] = {}

    def handler(self) -> Handler:
        """Return the handler of everything that was captured or edited."""
        return Handler(ENRICH, self._prepare, batch=_AT_ONCE, give_up=_give_up)

    async def _prepare(self, events: Sequence[Event]) -> Apply:
        embedder = await asyncio.to_thread(self._embedders.wanted)
        known = None
        if embedder is not None:
            known = await registered(self._database, embedder, self._clock)
        batches = await self._database.read(lambda tx: _batches(tx, events, known))
        found = [
            (batch.owner, await asyncio.to_thread(self._understand, batch, embedder))
            for batch in batches
        ]

        def apply(tx: Connection) -> None:
            for owner, understood in found:
                enriching.write(tx, owner, understood, known)
                if known is not None and not known.serving:
                    reindexing.request(tx, owner, self._clock)

        return apply

    def _understand(self, batch: _Batch, embedder: Embedder | None) -> list[Understood]:
        embedded: Sequence[Embedded | None] = [None] * len(batch.memories)
        prototypes = None
        if embedder is not None:
            embedded = embed(embedder, batch.memories)
            prototypes = self._prototypes_of(embedder, batch.known.examples)
        return [
            self._understood(memory, batch.known, vectors, prototypes)
            for memory, vectors in zip(batch.memories, embedded, strict=True)
        ]

    def _understood(
        self,
        memory: Memory,
        known: _Known,
        embedded: Embedded | None,
        prototypes: domains.Prototypes | None,
    ) -> Understood:
        text = memory.content
        found: list[MemoryDomain] = []
        if embedded is not None and prototypes is not None:
            vector = domains.text_vector(embedded.vectors)
            found = domains.classify(vector, prototypes, known.corrected)
        named = known.names.find(f"{memory.title}\n{text}")
        return Understood(
            memory=memory,
            language=language.recognise(text),
            secrets=secrets.checked(text, memory.secrets),
            importance=importance_of(
                len(text), override=memory.importance_override, opens=memory.use.count
            ),
            names=tuple(dict.fromkeys(mention.name for mention in named)),
            dates=dates.find(text, memory.occurred.at, self._zone, nearest=True),
            domains=tuple(found),
            embedded=embedded,
        )

    def _prototypes_of(
        self, embedder: Embedder, examples: Mapping[str, tuple[str, ...]]
    ) -> domains.Prototypes:
        key = (embedder.identity.key, hash(tuple(sorted(examples.items()))))
        if key not in self._prototypes:
            own = vocabulary.with_examples(examples)
            self._prototypes[key] = domains.prototypes(embedder, own)
        return self._prototypes[key]


def _batches(
    tx: Connection, events: Sequence[Event], embedder: KnownEmbedder | None
) -> list[_Batch]:
    found = []
    by_owner = sorted(events, key=lambda event: event.owner)
    for owner, group in groupby(by_owner, key=lambda event: event.owner):
        ids = list(dict.fromkeys(event.subject for event in group))
        memories = tuple(reading.by_ids(tx, owner, ids))
        found.append(_Batch(owner, memories, _known(tx, owner, embedder)))
    return found


def _known(tx: Connection, owner: Identifier, embedder: KnownEmbedder | None) -> _Known:
    people = contacts.everyone(tx, owner)
    corrected = (
        {}
        if embedder is None
        else domain_examples.corrected(tx, owner, embedder.id, domains.ENOUGH_CORRECTIONS)
    )
    return _Known(
        Names.of({each.name: each.names for each in people}),
        domain_examples.of_owner(tx, owner),
        corrected,
    )


def _give_up(tx: Connection, events: Sequence[Event]) -> None:
    for owner in {event.owner for event in events}:
        ids = [event.subject for event in events if event.owner == owner]
        enriching.give_up(tx, owner, ids)
