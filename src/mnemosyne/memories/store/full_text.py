"""The write side of full text: one row for each memory, under the same number."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.search.full_text_document import FullTextDocument

_INSERT = text(
    "INSERT INTO memory_text(rowid, owner, title, body, context, bigrams)"
    " VALUES (:seq, :owner, :title, :body, :context, :bigrams)"
)
_DELETE = text("DELETE FROM memory_text WHERE rowid = :seq AND owner = :owner")


def put(
    tx: Connection, owner: Identifier, documents: Iterable[tuple[int, FullTextDocument]]
) -> None:
    """Index documents whose numbers are not indexed yet."""
    rows = [
        {
            "seq": seq,
            "owner": owner,
            "title": document.title,
            "body": document.body,
            "context": document.context,
            "bigrams": document.bigrams,
        }
        for seq, document in documents
    ]
    if rows:
        tx.execute(_INSERT, rows)


def replace(
    tx: Connection, owner: Identifier, documents: Iterable[tuple[int, FullTextDocument]]
) -> None:
    """Index documents in place of what is indexed under their numbers."""
    listed = list(documents)
    remove(tx, owner, [seq for seq, _ in listed])
    put(tx, owner, listed)


def remove(tx: Connection, owner: Identifier, seqs: Iterable[int]) -> None:
    """Take memories out of the index, which overwrites their words (secure delete)."""
    if rows := [{"seq": seq, "owner": owner} for seq in seqs]:
        tx.execute(_DELETE, rows)
        # A savepoint makes FTS5 write what it holds back. Measured with SQLite 3.53: a long row
        # that is removed and put again in one go leaves its words, and a damaged index.
        tx.begin_nested().commit()
