"""One question against one snapshot: look up, rank, read what may be seen, and say why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final

import numpy as np
from sqlalchemy import Connection

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.model import Filter, Memory
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.search.diversity import different
from mnemosyne.memories.search.explanation import Explanation, explain
from mnemosyne.memories.search.fusion import Fused
from mnemosyne.memories.search.index import SearchIndex
from mnemosyne.memories.search.question import Question
from mnemosyne.memories.search.threads import Rows
from mnemosyne.memories.search.weights import WEIGHTS, Weights
from mnemosyne.memories.search.words import Scores, TermHits
from mnemosyne.memories.store import matching, reading, search_rows
from mnemosyne.memories.store.page_sizes import fitting, too_large
from mnemosyne.memories.store.search_indexes import OwnedIndex

PAGE: Final = 20
MOST_RANKED: Final = 200
"""How deep a list of hits goes; beyond, a question wants other words."""
_AT_ONCE: Final = 32  # memories read together: each may be a megabyte
LEAST_SIMILARITY: Final = 0.15
"""Below this cosine, and without a word in common, a text has nothing to do with a question."""


class SearchOrder(StrEnum):
    """How hits are listed."""

    SCORE = "score"
    LATEST = "latest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Request:
    """Which page of hits is wanted, in which order, and how hits are judged."""

    limit: int = PAGE
    cursor: str = ""
    order: SearchOrder = SearchOrder.SCORE
    diverse: bool = False
    """Leave out hits that say nearly the same as one above them."""
    weights: Weights = WEIGHTS


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that was found, and why; ``neighbours`` lent it score."""

    memory: Memory
    explanation: Explanation
    neighbours: tuple[Identifier, ...]

    @property
    def score(self) -> float:
        """The sum of the parts of the explanation; it compares hits of one question only."""
        return self.explanation.score


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood, its vector, and by which codes the people in it speak."""

    owner: Identifier
    question: Question
    speaks_as: Mapping[str, frozenset[int]]
    identity: EmbedderIdentity | None = None
    vector: Scores | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits in order, whether there are more, and what they were found by."""

    hits: tuple[Hit, ...]
    more: bool
    by_meaning: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class _Ranking:
    fused: Fused
    hits: Sequence[TermHits]
    similarities: Scores | None


def answer(
    tx: Connection,
    owned: OwnedIndex,
    asked: Asked,
    wanted: Filter,
    request: Request,
    shown: frozenset[int],
    now: datetime,
) -> Answer:
    """Return the hits of a page from the rows of this snapshot."""
    index = owned.index
    ranking = _rank(tx, owned, asked, request.weights, now)
    rows = _eligible(tx, index, ranking, asked.owner, wanted, shown, now)
    ordered = index.columns.seq[_ordered(index, rows, request.order)]
    seqs: Iterator[int] = map(int, ordered)
    if request.diverse and index.vectors is not None:
        seqs = different(seqs, index.vectors.of)
    more = request.limit + 1
    seen = _seen(tx, asked.owner, seqs, wanted, now, at_once=min(more, _AT_ONCE))
    found = list(islice(_on_a_page(seen), more))
    page = found[: min(request.limit, fitting([len(each.content) for each in found]))]
    return Answer(
        hits=_explained(tx, asked.owner, index, ranking, page),
        more=len(found) > len(page),
        by_meaning=ranking.similarities is not None,
        waiting=_waiting(index, ranking),
    )


def _waiting(index: SearchIndex, ranking: _Ranking) -> int:
    if ranking.similarities is None:
        return index.without_vectors()
    return int(np.isnan(ranking.similarities).sum())


def _rank(
    tx: Connection, owned: OwnedIndex, asked: Asked, weights: Weights, now: datetime
) -> _Ranking:
    index, question = owned.index, asked.question
    found = matching.holding(tx, asked.owner, [term.expression for term in question.terms])
    hits = index.hits(question, found, asked.speaks_as)
    similarities = None
    # Between the two snapshots another embedder may have taken over: its vectors do not compare.
    same = owned.embedder is not None and owned.embedder.identity == asked.identity
    if asked.vector is not None and index.vectors is not None and same and len(index.vectors):
        similarities = index.vectors.similarities(asked.vector, index.columns.seq)
    fused = index.rank(question, hits, similarities, asked.speaks_as, now, weights)
    return _Ranking(fused, hits, similarities)


def _eligible(
    tx: Connection,
    index: SearchIndex,
    ranking: _Ranking,
    owner: Identifier,
    wanted: Filter,
    shown: frozenset[int],
    now: datetime,
) -> Rows:
    """Return the best rows that have to do with the question, the best first."""
    related = ranking.fused.parts["words"] > 0
    if ranking.similarities is not None:
        related |= ranking.similarities >= LEAST_SIMILARITY
    related[index.columns.rows_of(np.array(sorted(shown), np.int64))] = False
    if wanted != Filter():
        seen = search_rows.seqs_visible(tx, owner, wanted, now)
        related &= np.isin(index.columns.seq, seen)
    return ranking.fused.best(MOST_RANKED - len(shown), related)


def _ordered(index: SearchIndex, rows: Rows, order: SearchOrder) -> Rows:
    if order is SearchOrder.SCORE:
        return rows
    moments = index.columns.occurred[rows]
    by_time = np.lexsort((index.columns.seq[rows], moments))
    found: Rows = rows[by_time if order is SearchOrder.OLDEST else by_time[::-1]]
    return found


def _seen(
    tx: Connection,
    owner: Identifier,
    seqs: Iterator[int],
    wanted: Filter,
    now: datetime,
    *,
    at_once: int,
) -> Iterator[Memory]:
    """Yield memories by number as far as they may be seen, reading some at a time."""
    while batch := list(islice(seqs, at_once)):
        yield from reading.by_seqs(tx, owner, batch, wanted, now)


def _on_a_page(memories: Iterator[Memory]) -> Iterator[Memory]:
    """Yield memories up to the first that does not fit on a page with those before it."""
    size = 0
    for memory in memories:
        yield memory
        size += len(memory.content)
        if too_large(size):
            return


def _explained(
    tx: Connection,
    owner: Identifier,
    index: SearchIndex,
    ranking: _Ranking,
    memories: Sequence[Memory],
) -> tuple[Hit, ...]:
    numbers = np.array([memory.seq for memory in memories], np.int64)
    reasons = [
        explain(int(row), ranking.fused, ranking.hits, ranking.similarities, index)
        for row in index.columns.rows_of(numbers)
    ]
    ids = search_rows.ids_of(tx, owner, [seq for each in reasons for seq in each.neighbours])
    return tuple(
        Hit(memory, why, tuple(ids[seq] for seq in why.neighbours if seq in ids))
        for memory, why in zip(memories, reasons, strict=True)
    )
