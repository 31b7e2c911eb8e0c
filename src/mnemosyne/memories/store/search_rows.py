"""Read what search keeps in memory of an owner's rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, Row, bindparam, case, func, select, type_coerce

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.model import Filter, Pin
from mnemosyne.memories.search.boosts import HALF_LIVES
from mnemosyne.memories.search.columns import Columns
from mnemosyne.memories.search.question_end import ends_with_question
from mnemosyne.memories.store.conditions import visible
from mnemosyne.memories.store.tables import memory, memory_date

AT_ONCE: Final = 500  # numbers in one condition
_TAIL: Final = 300


class Codes:
    """Whole numbers for texts, 0 for the empty one; the same text keeps its number."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {"": 0}

    def of(self, text: str) -> int:
        """Return the number of ``text``, a new one if it has none."""
        return self._known.setdefault(text, len(self._known))

    def texts(self) -> dict[str, int]:
        """Return every text but the empty one, with its number."""
        return {text: code for text, code in self._known.items() if text}


def columns(
    tx: Connection,
    owner: Identifier,
    threads: Codes,
    speakers: Codes,
    seqs: Sequence[int] | None = None,
) -> Columns:
    """Return the rows of ``owner`` outside the bin: all, or those among ``seqs``."""
    if seqs is None:
        return _columns(_rows(tx, owner, None), _dated(tx, owner, None), threads, speakers)
    found = Columns.empty()
    for start in range(0, len(seqs), AT_ONCE):
        part = list(seqs[start : start + AT_ONCE])
        read = _columns(_rows(tx, owner, part), _dated(tx, owner, part), threads, speakers)
        found = found.with_changes(read.seq, read)
    return found


def _rows(tx: Connection, owner: Identifier, seqs: list[int] | None) -> Sequence[Row[Any]]:
    asking = case(
        (func.instr(memory.c.content, "?") > 0, func.substr(memory.c.content, -_TAIL)),
        else_=func.substr(memory.c.content, -1),
    )
    query = select(
        memory.c.seq,
        memory.c.thread_id,
        memory.c.position,
        memory.c.speaker,
        # As it is stored: a moment for each row would take longer than reading it.
        type_coerce(memory.c.occurred_at, Integer),
        func.length(memory.c.content) + func.length(memory.c.title),
        asking,
        memory.c.importance,
        memory.c.pin,
    ).where(memory.c.owner == owner, memory.c.deleted_at.is_(None))
    if seqs is not None:
        query = query.where(memory.c.seq.in_(seqs))
    return tx.execute(query.order_by(memory.c.seq)).all()


def _dated(tx: Connection, owner: Identifier, seqs: list[int] | None) -> list[int]:
    query = (
        select(memory.c.seq)
        .distinct()
        .join(memory_date, memory_date.c.memory_id == memory.c.id)
        .where(memory.c.owner == owner, memory_date.c.owner == owner)
    )
    if seqs is not None:
        query = query.where(memory.c.seq.in_(seqs))
    return list(tx.execute(query).scalars())


def _columns(
    rows: Sequence[Row[Any]], dated: list[int], threads: Codes, speakers: Codes
) -> Columns:
    if not rows:
        return Columns.empty()
    seq, thread, position, speaker, occurred, length, tail, importance, pin = zip(
        *rows, strict=True
    )
    numbers = np.array(seq, np.int64)
    return Columns(
        seq=numbers,
        thread=np.array([threads.of(each) for each in thread], np.int64),
        position=np.array(position, np.int64),
        speaker=np.array([speakers.of(each) for each in speaker], np.int64),
        occurred=np.array(occurred, np.int64),
        length=np.array(length, np.float32),
        asks=np.array([ends_with_question(each) for each in tail], np.bool_),
        dated=np.isin(numbers, dated),
        importance=np.array(importance, np.float32),
        half_life=np.array([HALF_LIVES[Pin(each)] for each in pin], np.float32),
    )


def seqs_visible(
    tx: Connection, owner: Identifier, wanted: Filter, now: datetime
) -> NDArray[np.int64]:
    """Return the numbers of all memories that ``owner`` may see and asks for, ascending."""
    query = select(memory.c.seq).where(*visible(owner, wanted, now)).order_by(memory.c.seq)
    return np.array(tx.execute(query).scalars().all(), np.int64)


_IDS = select(memory.c.seq, memory.c.id).where(
    memory.c.owner == bindparam("owner"),
    memory.c.deleted_at.is_(None),
    memory.c.seq.in_(bindparam("seqs", expanding=True)),
)


def ids_of(tx: Connection, owner: Identifier, seqs: Sequence[int]) -> dict[int, Identifier]:
    """Return the identifiers of memories of ``owner`` outside the bin, by their numbers."""
    asked = {"owner": owner, "seqs": list(seqs)}
    return {row.seq: row.id for row in tx.execute(_IDS, asked)}
