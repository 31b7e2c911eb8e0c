"""A tiny data set, written for these tests."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

CORPUS: tuple[dict[str, Any], ...] = tuple(
    {
        "_id": f"D{session}:{number}",
        "title": "",
        "text": text,
        "metadata": {
            "speaker": speaker,
            "session": session,
            "occurred_at": f"2024-0{session}-10T18:00:00Z",
        },
    }
    for session, number, speaker, text in (
        (3, 1, "Nora", "The apple tree by the shed is in blossom at last."),
        (3, 2, "Tomas", "Lovely! What will you do with all the fruit?"),
        (3, 3, "Nora", "Cider, I think. My uncle lends me his press every year."),
        (4, 1, "Tomas", "I started to learn the cello in February."),
        (4, 2, "Nora", "Brave! Tomas, your neighbours will love you."),
        (5, 1, "Nora", "We saw a heron at the pond yesterday."),
    )
)
QUERIES: tuple[dict[str, Any], ...] = (
    {"_id": "q1", "text": "What does Nora want to make of the fruit?", "category": "single-hop"},
    {"_id": "q2", "text": "When did Tomas take up an instrument?", "category": "temporal"},
    {"_id": "q3", "text": "What did Nora see in May?", "category": "adversarial"},
    {"_id": "q4", "text": "Who painted the fence?", "category": "single-hop"},
)
JUDGEMENTS = (("q1", "D3:3"), ("q2", "D4:1"), ("q3", "D5:1"))


def write(
    folder: Path,
    corpus: Iterable[Mapping[str, Any]] = CORPUS,
    judgements: Iterable[tuple[str, str]] = JUDGEMENTS,
) -> Path:
    """Write the three files of a data set into ``folder`` and return it."""
    (folder / "qrels").mkdir(parents=True)
    lines(folder / "corpus.jsonl", corpus)
    queries = (
        {"_id": q["_id"], "text": q["text"], "metadata": {"category": q["category"]}}
        for q in QUERIES
    )
    lines(folder / "queries.jsonl", queries)
    rows = ["query-id\tcorpus-id\tscore", *(f"{q}\t{d}\t1" for q, d in judgements)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
