"""What search is compared with: full text alone, vectors alone, and the two fused by rank."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from sqlalchemy import Connection

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.ports import Embedder
from mnemosyne.memories.search.question import Question
from mnemosyne.memories.search.words import Scores
from mnemosyne.memories.store import matching
from mnemosyne.memories.store.search_indexes import OwnedIndex

FULL_TEXT: Final = "full_text"
DENSE: Final = "dense"
RRF: Final = "rrf"
RRF_K: Final = 60
_FUSED_DEPTH: Final = 100


def rankings(
    tx: Connection,
    owner: Identifier,
    owned: OwnedIndex,
    question: Question,
    vector: Scores | None,
    depth: int,
) -> dict[str, list[int]]:
    """Return the best numbers by each baseline; ``vector`` is that of the question as asked."""
    expressions = [term.expression for term in question.terms]
    words = matching.best_by_bm25(tx, owner, expressions, _FUSED_DEPTH)
    found = {FULL_TEXT: words[:depth]}
    if vector is not None and owned.index.vectors is not None:
        seqs = owned.index.columns.seq
        similarities = owned.index.vectors.similarities(vector, seqs)
        order = np.argsort(-np.nan_to_num(similarities, nan=-2), kind="stable")
        dense = [int(seq) for seq in seqs[order][:_FUSED_DEPTH]]
        found[DENSE] = dense[:depth]
        found[RRF] = reciprocal_rank_fusion([words, dense])[:depth]
    return found


def question_vector(embedder: Embedder | None, question: Question) -> Scores | None:
    """Return the vector of a question, names and all, as the usual hybrid has it."""
    return None if embedder is None else embedder.embed_query(question.text)


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]], k: int = RRF_K) -> list[int]:
    """Return every number by the sum of 1 / (k + rank), ties by number."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, seq in enumerate(ranking, 1):
            scores[seq] += 1 / (k + rank)
    return sorted(scores, key=lambda seq: (-scores[seq], seq))
