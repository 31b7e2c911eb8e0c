"""Find memories by words, meaning and time, each hit with the reasons for its score."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from sqlalchemy import Connection

from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.audit.reads import Reads
from mnemosyne.contacts import store as contacts
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.enrichment.mentions import Names
from mnemosyne.memories.errors import EmptyQuestionError
from mnemosyne.memories.model import Filter
from mnemosyne.memories.ports import Embedder, Embedders
from mnemosyne.memories.search.paging import decode_shown, encode_shown
from mnemosyne.memories.search.people import People, people
from mnemosyne.memories.search.question import Question, understand
from mnemosyne.memories.service.answering import Answer, Asked, Hit, Request, answer
from mnemosyne.memories.store import cursors, embeddings
from mnemosyne.memories.store.search_indexes import SearchIndexes


class Searched(StrEnum):
    """What a question was compared by."""

    WORDS_AND_MEANING = "words and meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits, and how the question was understood and answered."""

    hits: tuple[Hit, ...]
    next_cursor: str
    question: Question
    searched: Searched
    problem: str
    """Why meaning was left out, or an empty text."""
    waiting: int
    """Memories that have no vector yet and were compared by words alone."""


class Search:
    """Answers questions about one person's memories from rows, full text and vectors."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        embedders: Embedders,
        zone: tzinfo,
        reads: Reads | None = None,
    ) -> None:
        self._database = database
        self._reads = reads
        self._clock = clock
        self._embedders = embedders
        self._zone = zone
        self._indexes = SearchIndexes()
        self._warm = False
        self._people: dict[Identifier, tuple[object, People]] = {}
        self._embedder: Embedder | None = None

    async def search(
        self,
        principal: Principal,
        text: str,
        wanted: Filter | None = None,
        request: Request | None = None,
    ) -> SearchResult:
        """Return a page of the memories that answer ``text`` best.

        Raises:
            EmptyQuestionError: ``text`` is blank.
            MalformedCursorError: the cursor is of another question.
            ProcessingRestrictedError: the person has restricted the processing of what is theirs.
        """
        principal.require(Scope.MEMORY_READ)
        filtered, request = wanted or Filter(), request or Request()
        if not text.strip():
            raise EmptyQuestionError
        now = self._clock()
        if not self._warm:
            await self._warm_up(principal.person, text, now)
        asked = await self._with_vector(await self._asked(principal.person, text, now))

        def look(tx: Connection) -> tuple[Answer, str]:
            shown = _shown(tx, asked.owner, text, request.cursor)
            with self._indexes.current(tx, asked.owner) as owned:
                require_unrestricted(tx, asked.owner)
                found = answer(tx, owned, asked, filtered, request, shown, now)
            return found, _cursor(tx, asked.owner, text, shown, found)

        found, following = await self._database.read(look)
        if self._reads is not None:
            await self._reads.record(principal, "search", [hit.memory.id for hit in found.hits])
        return SearchResult(
            hits=found.hits,
            next_cursor=following,
            question=asked.question,
            searched=Searched.WORDS_AND_MEANING if found.by_meaning else Searched.WORDS,
            problem="" if found.by_meaning else self._embedders.problem(),
            waiting=found.waiting,
        )

    def forget(self, owner: Identifier) -> None:
        """Drop what this process keeps of somebody who is gone."""
        self._indexes.forget(owner)
        self._people.pop(owner, None)

    async def _warm_up(self, owner: Identifier, text: str, now: datetime) -> None:
        """Load the embedder while the index is read, so that a cold start waits for one of them."""
        self._warm = True
        known = await self._database.read(embeddings.serving)
        if known is None:
            return
        asked = Asked(owner, understand(text, Names.of({}), now, self._zone), {}, known.identity)
        await asyncio.gather(self._with_vector(asked), self._asked(owner, text, now))

    async def _asked(self, owner: Identifier, text: str, now: datetime) -> Asked:
        def look(tx: Connection) -> Asked:
            with self._indexes.current(tx, owner) as owned:
                require_unrestricted(tx, owner)
                speakers = owned.speakers.texts()
                identity = None if owned.embedder is None else owned.embedder.identity
            known = {each.name: each.names for each in contacts.everyone(tx, owner)}
            everyone = self._everyone(owner, known, speakers)
            question = understand(text, everyone.names, now, self._zone)
            return Asked(owner, question, everyone.speaks_as, identity)

        return await self._database.read(look)

    async def _with_vector(self, asked: Asked) -> Asked:
        identity = asked.identity
        if identity is None:
            return asked

        def embedded() -> Asked:
            if self._embedder is None or self._embedder.identity != identity:
                self._embedder = self._embedders.of(identity)  # which looks for files
            if self._embedder is None:
                return asked
            return replace(asked, vector=self._embedder.embed_query(asked.question.meaning))

        return await asyncio.to_thread(embedded)

    def _everyone(
        self,
        owner: Identifier,
        known: Mapping[str, Sequence[str]],
        speakers: Mapping[str, int],
    ) -> People:
        """Return who is known, made anew when contacts or speakers are others than before."""
        key = (tuple(known.items()), tuple(speakers))
        remembered = self._people.get(owner)
        if remembered is None or remembered[0] != key:
            remembered = (key, people(known, speakers))
            self._people[owner] = remembered
        return remembered[1]


def _shown(tx: Connection, owner: Identifier, text: str, cursor: str) -> frozenset[int]:
    return decode_shown(text, cursors.opened(tx, owner, cursor)) if cursor else frozenset()


def _cursor(
    tx: Connection, owner: Identifier, text: str, shown: frozenset[int], found: Answer
) -> str:
    if not found.more:
        return ""
    every = {*shown, *(hit.memory.seq for hit in found.hits)}
    return cursors.sealed(tx, owner, encode_shown(text, every))
