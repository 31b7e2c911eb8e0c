"""Stored values and their JSON agree with what SQLAlchemy itself reads and writes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from mnemosyne.kit.database import UtcDateTime
from mnemosyne.kit.derived_data import OwnedTable, checksum, export, load

AT = datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=UTC)
thing = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("owner", Text),
    Column("text", Text),
    Column("data", LargeBinary),
    Column("at", UtcDateTime),
    Column("json", JSON(none_as_null=True)),
    Column("flag", Boolean),
    Column("share", Float),
)
ROWS: list[dict[str, Any]] = [
    {"text": "Grüße", "data": b"\0\xff", "at": AT, "json": {"b": [1], "a": "ü"}, "flag": True},
    {"text": "", "data": b"", "at": AT - timedelta(days=40_000), "json": [], "flag": False},
    {"text": None, "data": None, "at": None, "json": None, "flag": None, "share": None},
    {"text": "7", "data": b"7", "at": AT.replace(microsecond=0), "json": "7", "flag": True},
    {"text": "1e3", "data": b"x", "at": AT, "json": 7, "flag": True, "share": 0.1},
    {"text": "x", "data": b"x", "at": AT, "json": 1.5, "flag": True, "share": 1},
]
OWNED = OwnedTable(thing, ("id",), omitted=frozenset({"id"}))


def test_rows_come_back_as_they_were_for_another_owner() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        thing.metadata.create_all(tx)
        for number, row in enumerate(ROWS):
            tx.execute(insert(thing).values(id=number + 1, owner="ada", **row))
        records = [dict(record.row) for record in export(tx, OWNED, "ada")]
        load(tx, OWNED, "bo", records)

        assert checksum(tx, OWNED, "ada") == checksum(tx, OWNED, "bo")
        read = select(thing).order_by(thing.c.id)
        first, second = (
            [tuple(row)[2:] for row in tx.execute(read.where(thing.c.owner == owner))]
            for owner in ("ada", "bo")
        )
        assert first == second
        assert [row["json"] for row in records] == [row["json"] for row in ROWS]
        assert records[0]["at"] == AT.isoformat()
        assert list(records[0]) == sorted(records[0])
    engine.dispose()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "one"),
        ("id", True),
        ("id", 1.5),
        ("text", 1),
        ("text", ["x"]),
        ("data", "§"),
        ("data", 1),
        ("at", "yesterday"),
        ("at", 7),
        ("flag", 1),
        ("share", "half"),
    ],
)
def test_a_value_of_another_type_is_refused(column: str, value: object) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        thing.metadata.create_all(tx)
        with pytest.raises((TypeError, ValueError)):
            load(tx, OWNED, "ada", [{column: value}])
        assert tx.execute(select(thing)).all() == []
    engine.dispose()
