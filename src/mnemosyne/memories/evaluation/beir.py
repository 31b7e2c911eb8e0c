"""Read a data set in the BEIR format: entries, questions, and which entries answer them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mnemosyne.memories.evaluation.errors import DataSetError

_HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, slots=True)
class Document:
    """An entry of a corpus, with what its metadata may carry."""

    id: str
    title: str
    text: str
    speaker: str = ""
    session: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question; the category is empty where there is none."""

    id: str
    text: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A corpus with its questions, in the order of the files.

    ``relevant`` holds for each question the ids of the entries that answer it; questions without
    any are missing there. ``unknown`` counts judgements on entries that the corpus does not have.
    """

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    relevant: Mapping[str, frozenset[str]]
    unknown: int


def read(folder: Path) -> DataSet:
    """Read the data set in ``folder``.

    Raises:
        DataSetError: a file is missing, or a line of it makes no sense.
    """
    documents = tuple(_document(place, row) for place, row in _rows(folder / "corpus.jsonl"))
    queries = tuple(_query(place, row) for place, row in _rows(folder / "queries.jsonl"))
    known = _distinct(folder / "corpus.jsonl", [document.id for document in documents])
    asked = _distinct(folder / "queries.jsonl", [query.id for query in queries])
    relevant: dict[str, set[str]] = {}
    unknown = 0
    for query_id, document_id in _judgements(folder / "qrels" / "test.tsv"):
        if query_id in asked and document_id in known:
            relevant.setdefault(query_id, set()).add(document_id)
        else:
            unknown += 1
    frozen = {query_id: frozenset(ids) for query_id, ids in relevant.items()}
    return DataSet(folder.resolve().name, documents, queries, frozen, unknown)


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with its place for messages."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            for number, line in enumerate(opened, 1):
                if line.strip():
                    yield f"{file}, line {number}", line
    except OSError as error:
        raise DataSetError(file, "there is no such file") from error
    except UnicodeDecodeError as error:
        raise DataSetError(file, "this is not UTF-8") from error


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, line in _lines(file):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataSetError(place, "this is not JSON") from error
        if not isinstance(row, dict):
            raise DataSetError(place, "this is not a JSON object")
        yield place, row


def _document(place: str, row: dict[str, Any]) -> Document:
    metadata = _metadata(place, row)
    return Document(
        id=_text(place, row, "_id"),
        title=str(row.get("title") or ""),
        text=_text(place, row, "text"),
        speaker=str(metadata.get("speaker") or ""),
        session="" if metadata.get("session") is None else str(metadata["session"]),
        occurred_at=_moment(place, metadata.get("occurred_at")),
    )


def _query(place: str, row: dict[str, Any]) -> Query:
    category = _metadata(place, row).get("category")
    return Query(_text(place, row, "_id"), _text(place, row, "text"), str(category or ""))


def _metadata(place: str, row: dict[str, Any]) -> dict[str, Any]:
    metadata = row.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise DataSetError(place, "“metadata” is not an object")
    return metadata


def _text(place: str, row: dict[str, Any], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DataSetError(place, f"“{field}” is missing or empty")
    return value


def _moment(place: str, value: object) -> datetime | None:
    if value in {None, ""}:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise DataSetError(place, "“occurred_at” is not a date in ISO 8601") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _judgements(file: Path) -> Iterator[tuple[str, str]]:
    """Yield question and entry of each judgement above 0."""
    for place, line in _lines(file):
        fields = line.rstrip("\r\n").split("\t")
        if fields == _HEADER:
            continue
        try:
            query_id, document_id, score = fields
            if float(score) > 0:
                yield query_id, document_id
        except ValueError as error:
            raise DataSetError(place, "expected: question, entry and a number") from error


def _distinct(file: Path, ids: list[str]) -> frozenset[str]:
    if len(found := frozenset(ids)) < len(ids):
        raise DataSetError(file, "two lines have the same “_id”")
    return found
