"""The query side of full text: which memories hold a word, and the plain ranking by BM25.

A question reaches FTS5 only as expressions made of quoted words (``search.question``), and always
behind the owner, who is a word of the index: the condition costs next to nothing there, where a
join with the rows would cost more than the search.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from mnemosyne.kit.ids import Identifier

# As one text, since ten thousand numbers row by row take longer than finding them; and all terms
# in one statement, since each statement costs more than looking up a rare word.
_HOLDING = "SELECT group_concat(rowid) FROM memory_text WHERE memory_text MATCH ?"
# bm25 is the smaller the better; the owner's column counts nothing.
_BEST = text(
    "SELECT rowid FROM memory_text WHERE memory_text MATCH :match /* with owner */"
    " ORDER BY bm25(memory_text, 0, 1, 1, 1, 1), rowid LIMIT :count"
)


def holding(
    tx: Connection, owner: Identifier, expressions: Sequence[str]
) -> list[NDArray[np.int64]]:
    """Return for each term the numbers of the memories of ``owner`` that hold it, ascending."""
    if not expressions:
        return []
    statement = " UNION ALL ".join([_HOLDING] * len(expressions))
    matches = tuple(_owned(owner, expression) for expression in expressions)
    return [_numbers(found) for (found,) in tx.exec_driver_sql(statement, matches)]


def best_by_bm25(
    tx: Connection, owner: Identifier, expressions: Sequence[str], count: int
) -> list[int]:
    """Return the numbers of the memories that hold any of the terms, the best first."""
    if not expressions:
        return []
    any_of = " OR ".join(f"({expression})" for expression in expressions)
    values = {"match": _owned(owner, any_of), "count": count}
    return list(tx.execute(_BEST, values).scalars())


def _numbers(found: str | None) -> NDArray[np.int64]:
    return np.sort(np.array(found.split(","), np.int64)) if found else np.empty(0, np.int64)


def _owned(owner: Identifier, expression: str) -> str:
    return f'owner : "{owner}" AND ({expression})'
