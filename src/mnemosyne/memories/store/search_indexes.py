"""The search indexes of a process, kept true to the rows by the change log."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from sqlalchemy import Connection

from mnemosyne.events import change_log
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.search.index import SearchIndex
from mnemosyne.memories.search.vector_table import VectorTable
from mnemosyne.memories.store import embeddings, search_rows
from mnemosyne.memories.store.embeddings import KnownEmbedder
from mnemosyne.memories.store.search_rows import AT_ONCE, Codes

MOST_BYTES: Final = 1024 * 1024 * 1024
_RELOAD_SHARE: Final = 4  # when a quarter of the rows changed, reading all of them is faster


@dataclass(slots=True)
class OwnedIndex:
    """The index of one owner, the codes in it, and the embedder that made its vectors."""

    index: SearchIndex
    embedder: KnownEmbedder | None
    threads: Codes = field(default_factory=Codes)
    speakers: Codes = field(default_factory=Codes)


class SearchIndexes:
    """One index for each owner who searched lately; the one not used for longest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._owned: OrderedDict[Identifier, OwnedIndex] = OrderedDict()

    @contextmanager
    def current(self, tx: Connection, owner: Identifier) -> Iterator[OwnedIndex]:
        """Give the index of ``owner`` as the snapshot of ``tx`` has it, to one reader at a time.

        This must be the first statement of the transaction: snapshots then begin in the order in
        which the log is applied, and no reader sees an index from beyond its own snapshot.
        """
        with self._lock:
            owned = self._owned.pop(owner, None)
            embedder = embeddings.serving(tx)
            if owned is None or owned.embedder != embedder or not _applied(tx, owner, owned):
                owned = _load(tx, owner, embedder)
            self._owned[owner] = owned
            self._make_room()
            yield owned

    def forget(self, owner: Identifier) -> None:
        """Drop the index of somebody who is gone."""
        with self._lock:
            self._owned.pop(owner, None)

    def _make_room(self) -> None:
        while len(self._owned) > 1 and self._bytes() > self._most_bytes:
            self._owned.popitem(last=False)

    def _bytes(self) -> int:
        return sum(owned.index.nbytes() for owned in self._owned.values())


def _load(tx: Connection, owner: Identifier, embedder: KnownEmbedder | None) -> OwnedIndex:
    head = change_log.head(tx)
    threads, speakers = Codes(), Codes()
    columns = search_rows.columns(tx, owner, threads, speakers)
    vectors = None
    if embedder is not None:
        vectors = VectorTable(embedder.identity.dimensions)
        vectors.replace(np.empty(0, np.int64), *embeddings.load(tx, owner, embedder.id))
    return OwnedIndex(SearchIndex(columns, vectors, head), embedder, threads, speakers)


def _applied(tx: Connection, owner: Identifier, owned: OwnedIndex) -> bool:
    """Bring an index up to date; False when it must be loaded anew."""
    changes = change_log.since(tx, owner, owned.index.head)
    count = len(changes.memory_seqs)
    if changes.gap or (count > AT_ONCE and count * _RELOAD_SHARE > len(owned.index.columns)):
        return False
    for start in range(0, count, AT_ONCE):
        _apply(tx, owner, owned, changes.memory_seqs[start : start + AT_ONCE])
    owned.index.head = changes.head
    return True


def _apply(tx: Connection, owner: Identifier, owned: OwnedIndex, seqs: tuple[int, ...]) -> None:
    index = owned.index
    changed = np.array(seqs, np.int64)
    index.change(changed, search_rows.columns(tx, owner, owned.threads, owned.speakers, seqs))
    if index.vectors is not None and owned.embedder is not None:
        index.vectors.replace(changed, *embeddings.load(tx, owner, owned.embedder.id, seqs))
