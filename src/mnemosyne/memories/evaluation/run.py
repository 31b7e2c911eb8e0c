"""Evaluate retrieval: import data sets into a throw-away vault as anyone would, and ask."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.model import Person
from mnemosyne.events.dispatcher import Dispatcher
from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal
from mnemosyne.memories.evaluation import baselines
from mnemosyne.memories.evaluation.beir import DataSet, Document, Query
from mnemosyne.memories.evaluation.errors import NothingToEvaluateError
from mnemosyne.memories.evaluation.metrics import DEPTH
from mnemosyne.memories.evaluation.report import Judged, Report
from mnemosyne.memories.model import Draft, MemoryType, Moment, Origin, Place
from mnemosyne.memories.ports import Embedder, Embedders
from mnemosyne.memories.search.question import Question
from mnemosyne.memories.search.weights import EVALUATION_WEIGHTS
from mnemosyne.memories.service.answering import Request
from mnemosyne.memories.service.enrichment import Enrichment
from mnemosyne.memories.service.memories import Memories
from mnemosyne.memories.service.search import Search
from mnemosyne.memories.store import search_rows
from mnemosyne.memories.store.search_indexes import SearchIndexes
from mnemosyne.migrations import runner

CATEGORIES: Final = ("multi-hop", "temporal", "open-domain", "single-hop")
SOURCE: Final = "beir"
_ENRICHING_SECONDS: Final = 24 * 3600.0
_REQUEST: Final = Request(limit=DEPTH, weights=EVALUATION_WEIGHTS)

Progress = Callable[[str], None]


class _LastDate:
    """A clock that stands at the last date of the corpus, so that “last May” means that one."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


async def evaluate(
    data_sets: Sequence[DataSet],
    embedders: Embedders,
    categories: Sequence[str] = CATEGORIES,
    progress: Progress = lambda _line: None,
) -> Report:
    """Import and question each data set as an owner of its own; nothing of it stays.

    Raises:
        NothingToEvaluateError: no question of ``categories`` has evidence.
    """
    wanted = frozenset(categories)
    if not any(_asked(each, wanted) for each in data_sets):
        raise NothingToEvaluateError(tuple(categories))
    async with _throw_away() as database:
        node = _Node(database, embedders)
        judged: list[Judged] = []
        seconds = 0.0
        for each in data_sets:
            progress(f"{each.name}: storing {len(each.documents)} entries")
            started = time.perf_counter()
            stored = await node.store(each)
            seconds += time.perf_counter() - started
            queries = _asked(each, wanted)
            progress(f"{each.name}: asking {len(queries)} questions")
            judged += [await node.judge(each, stored, query) for query in queries]
        await database.checkpoint()
        embedder = await asyncio.to_thread(embedders.wanted)
        return Report(
            judged=tuple(judged),
            embedder="" if embedder is None else embedder.identity.key,
            ingest_seconds=seconds,
            index_bytes=database.path.stat().st_size,
            entries=sum(len(each.documents) for each in data_sets),
            without_evidence=sum(_unanswerable(each, wanted) for each in data_sets),
            unknown_judgements=sum(each.unknown for each in data_sets),
        )


@asynccontextmanager
async def _throw_away() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory(prefix="mnemosyne-eval-") as folder:
        path = Path(folder) / "vault.db"
        create_file(path)
        database = Database(path, secrets.token_bytes(32))
        try:
            await database.write(runner.upgrade)
            yield database
        finally:
            database.close()


@dataclass(frozen=True, slots=True)
class _Stored:
    """A data set in the vault: its owner, and which memory is which entry."""

    principal: Principal
    entries: Mapping[Identifier, str]


class _Node:
    """The services of a node around a throw-away vault."""

    def __init__(self, database: Database, embedders: Embedders) -> None:
        self._database = database
        self._embedders = embedders
        self._clock = _LastDate()
        enrichment = Enrichment(database, self._clock, embedders, UTC)
        self._memories = Memories(database, self._clock, UTC)
        self._dispatcher = Dispatcher(database, [enrichment.handler()], self._clock)
        self._search = Search(database, self._clock, embedders, UTC)
        self._indexes = SearchIndexes()

    async def store(self, data: DataSet) -> _Stored:
        """Capture every entry and wait until all are enriched."""
        dates = [each.occurred_at for each in data.documents if each.occurred_at]
        self._clock.now = max(dates, default=datetime.now(UTC))
        at = self._clock()
        owner = Person(new_id(at), data.name, at, recovery_key_hash="")
        await self._database.write(lambda tx: accounts.add(tx, owner, secrets.token_bytes(32)))
        principal = Principal.local(owner.id, "evaluation")
        threads = {each.session: new_id(at) for each in data.documents if each.session}
        entries = {}
        for position, document in enumerate(data.documents):
            draft = _draft(document, threads.get(document.session, ""), position)
            captured = await self._memories.capture(principal, draft, document.id)
            entries[captured.memory.id] = document.id
        await self._dispatcher.drain(_ENRICHING_SECONDS)
        return _Stored(principal, entries)

    async def judge(self, data: DataSet, stored: _Stored, query: Query) -> Judged:
        """Ask one question, of search and of the baselines."""
        started = time.perf_counter()
        result = await self._search.search(stored.principal, query.text, request=_REQUEST)
        milliseconds = (time.perf_counter() - started) * 1000
        return Judged(
            folder=data.name,
            query_id=query.id,
            category=query.category,
            relevant=data.relevant[query.id],
            ranking=tuple(stored.entries[hit.memory.id] for hit in result.hits),
            baselines=await self._baselines(stored, result.question),
            search_ms=milliseconds,
        )

    async def _baselines(self, stored: _Stored, question: Question) -> dict[str, tuple[str, ...]]:
        embedder: Embedder | None = await asyncio.to_thread(self._embedders.wanted)
        vector = await asyncio.to_thread(baselines.question_vector, embedder, question)
        owner = stored.principal.person

        def look(tx: Connection) -> dict[str, tuple[str, ...]]:
            with self._indexes.current(tx, owner) as owned:
                found = baselines.rankings(tx, owner, owned, question, vector, DEPTH)
                ids = search_rows.ids_of(
                    tx, owner, [seq for ranking in found.values() for seq in ranking]
                )
            return {
                name: tuple(stored.entries[ids[seq]] for seq in ranking)
                for name, ranking in found.items()
            }

        return await self._database.read(look)


def _draft(document: Document, thread_id: Identifier | str, position: int) -> Draft:
    occurred = document.occurred_at
    return Draft(
        content=document.text,
        title=document.title,
        type=MemoryType.MESSAGE if document.speaker else MemoryType.NOTE,
        occurred=None if occurred is None else Moment(occurred.astimezone(UTC)),
        origin=Origin(SOURCE, document.id),
        place=Place(thread_id, position, document.speaker),
    )


def _asked(data: DataSet, categories: frozenset[str]) -> list[Query]:
    return [q for q in data.queries if _chosen(q, categories) and q.id in data.relevant]


def _unanswerable(data: DataSet, categories: frozenset[str]) -> int:
    return sum(_chosen(q, categories) and q.id not in data.relevant for q in data.queries)


def _chosen(query: Query, categories: frozenset[str]) -> bool:
    return not query.category or query.category in categories
