"""Understand what was captured: language, secrets, names, dates, domains and meaning."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from mnemosyne.accounts.restriction import RESTRICTED_OWNERS
from mnemosyne.contacts import store as contacts
from mnemosyne.events import change_log
from mnemosyne.events.dispatcher import Apply, Handler
from mnemosyne.events.outbox import Event
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.enrichment import dates, domains, language, secrets, vocabulary
from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.model import MemoryDomain
from mnemosyne.memories.ports import Embedder, Embedders
from mnemosyne.memories.service import reindexing
from mnemosyne.memories.service.embedding import MOST_CHARACTERS, embed, registered, within
from mnemosyne.memories.store import domain_examples, embeddings, enriching
from mnemosyne.memories.store.embeddings import Embedded, KnownEmbedder
from mnemosyne.memories.store.enriching import StoredText, Understood
from mnemosyne.memories.store.writing import ENRICH

_AT_ONCE: Final = 256
_FEW: Final = 4  # texts, whose rules are done before a second thread has begun


@dataclass(frozen=True, slots=True)
class _Known:
    """What a person's texts are read with."""

    names: Names
    examples: Mapping[str, tuple[str, ...]]
    corrected: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Texts of one person, and what they are read with."""

    owner: Identifier
    texts: tuple[StoredText, ...]
    known: _Known


@dataclass(frozen=True, slots=True)
class _Meant:
    """What an embedder made of the texts of a batch."""

    embedded: Sequence[Embedded]
    domains: Sequence[tuple[MemoryDomain, ...]]


class Enrichment:
    """Reads each new version once, and stores all that was found out in one transaction."""

    def __init__(
        self, database: Database, clock: Clock, embedders: Embedders, zone: tzinfo
    ) -> None:
        self._database = database
        self._clock = clock
        self._embedders = embedders
        self._zone = zone
        self._names: dict[Identifier, tuple[Mapping[str, tuple[str, ...]], Names]] = {}
        self._prototypes: dict[tuple[str, int], domains.Prototypes] = {}

    def handler(self) -> Handler:
        """Return the handler of everything that was captured or edited."""
        return Handler(
            ENRICH,
            self._prepare,
            batch=_AT_ONCE,
            fitting=_fitting,
            give_up=_give_up,
            held=RESTRICTED_OWNERS,
        )

    def forget(self, owner: Identifier) -> None:
        """Drop what this process keeps of somebody who is gone."""
        self._names.pop(owner, None)
        self._prototypes.clear()  # they may be made of their examples

    async def _prepare(self, events: Sequence[Event]) -> Apply:
        embedder = await asyncio.to_thread(self._embedders.wanted)
        known, batches = await self._database.read(lambda tx: self._read(tx, events, embedder))
        if embedder is not None and known is None:
            known = await registered(self._database, embedder, self._clock)
        found = [(batch.owner, await self._understand(batch, embedder)) for batch in batches]

        def apply(tx: Connection) -> None:
            reindexing.require_free(tx, (owner for owner, _ in found))
            for owner, understood in found:
                enriching.write(tx, owner, understood, known)
                if known is not None and not known.serving:
                    reindexing.request(tx, owner, self._clock)
            change_log.prune(tx)  # here since every text comes by, and it costs next to nothing

        return apply

    async def _understand(self, batch: _Batch, embedder: Embedder | None) -> list[Understood]:
        if embedder is None:
            return await asyncio.to_thread(self._by_rules, batch)
        if len(batch.texts) <= _FEW:
            return await asyncio.to_thread(self._both, batch, embedder)
        # The embedder lets go of the interpreter, so the rules run beside it.
        meant, understood = await asyncio.gather(
            asyncio.to_thread(self._meant, batch, embedder),
            asyncio.to_thread(self._by_rules, batch),
        )
        return _joined(understood, meant)

    def _both(self, batch: _Batch, embedder: Embedder) -> list[Understood]:
        return _joined(self._by_rules(batch), self._meant(batch, embedder))

    def _by_rules(self, batch: _Batch) -> list[Understood]:
        return [self._read_one(text, batch.known.names) for text in batch.texts]

    def _read_one(self, text: StoredText, names: Names) -> Understood:
        whole = f"{text.title}\n{text.content}"
        named = names.find(whole)
        return Understood(
            text=text,
            language=language.recognise(text.content),
            secrets=secrets.checked(whole, text.secrets),  # a title leaves with its text
            importance=importance_of(
                len(text.content), override=text.importance_override, opens=text.opens
            ),
            names=tuple(dict.fromkeys(mention.name for mention in named)),
            dates=dates.find(text.content, text.occurred_at, self._zone, nearest=True),
            domains=(),
            embedded=None,
        )

    def _meant(self, batch: _Batch, embedder: Embedder) -> _Meant:
        embedded = embed(embedder, batch.texts)
        prototypes = self._prototypes_of(embedder, batch.known.examples)
        found = [
            tuple(
                domains.classify(
                    domains.text_vector(each.vectors), prototypes, batch.known.corrected
                )
            )
            for each in embedded
        ]
        return _Meant(embedded, found)

    def _read(
        self, tx: Connection, events: Sequence[Event], embedder: Embedder | None
    ) -> tuple[KnownEmbedder | None, list[_Batch]]:
        known = None
        if embedder is not None:
            identity = embedder.identity
            known = next((each for each in embeddings.known(tx) if each.identity == identity), None)
        batches = [
            _Batch(owner, tuple(enriching.texts(tx, owner, ids)), self._known(tx, owner, known))
            for owner, ids in _by_owner(events)
        ]
        return known, batches

    def _known(self, tx: Connection, owner: Identifier, embedder: KnownEmbedder | None) -> _Known:
        corrected: Mapping[str, NDArray[np.float32]] = {}
        if embedder is not None:
            corrected = domain_examples.corrected(
                tx, owner, embedder.id, domains.ENOUGH_CORRECTIONS
            )
        people = {each.name: each.names for each in contacts.everyone(tx, owner)}
        return _Known(self._names_of(owner, people), domain_examples.of_owner(tx, owner), corrected)

    def _names_of(self, owner: Identifier, people: Mapping[str, tuple[str, ...]]) -> Names:
        """Return the names to look for, made anew when the people list is another than before."""
        before = self._names.get(owner)
        if before is None or before[0] != people:
            before = self._names[owner] = (people, Names.of(people))
        return before[1]

    def _prototypes_of(
        self, embedder: Embedder, examples: Mapping[str, tuple[str, ...]]
    ) -> domains.Prototypes:
        key = (embedder.identity.key, hash(tuple(sorted(examples.items()))))
        if key not in self._prototypes:
            own = vocabulary.with_examples(examples)
            self._prototypes[key] = domains.prototypes(embedder, own)
        return self._prototypes[key]


def _joined(understood: Sequence[Understood], meant: _Meant) -> list[Understood]:
    return [
        replace(each, embedded=vectors, domains=belongs)
        for each, vectors, belongs in zip(understood, meant.embedded, meant.domains, strict=True)
    ]


def _fitting(tx: Connection, events: Sequence[Event]) -> int:
    if len(events) == 1:
        return 1
    lengths: dict[str, int] = {}
    for owner, ids in _by_owner(events):
        lengths |= enriching.lengths(tx, owner, ids)
    return within(MOST_CHARACTERS, (lengths.get(event.subject, 0) for event in events))


def _by_owner(events: Sequence[Event]) -> Iterator[tuple[Identifier, list[Identifier]]]:
    by_owner = sorted(events, key=lambda event: event.owner)
    for owner, group in groupby(by_owner, key=lambda event: event.owner):
        yield owner, list(dict.fromkeys(event.subject for event in group))


def _give_up(tx: Connection, events: Sequence[Event]) -> None:
    for owner in {event.owner for event in events}:
        ids = [event.subject for event in events if event.owner == owner]
        enriching.give_up(tx, owner, ids)
