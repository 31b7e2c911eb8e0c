"""What a feature keeps of a person, behind one protocol: erase, archive and verification walk it.

A feature that keeps rows of a person registers one provider in the composition root. So nothing
above needs to know its tables, and a table that no provider names is found by a test.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import Connection, Table, insert, select

from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.json_lines import json_line
from mnemosyne.kit.stored_values import bare, from_json, to_json

Row = Mapping[str, Any]
_ROWS_AT_ONCE = 500


class Kept(Enum):
    """What becomes of a table's rows in an archive."""

    ARCHIVED = "archived"
    """Written to an archive and taken over from one."""
    SHOWN = "shown"
    """Written to an archive for its reader, and bound to the node that made it."""
    REBUILT = "rebuilt"
    """Follows from other rows, or from this node: in no archive."""


@dataclass(frozen=True, slots=True)
class OwnedTable:
    """A table of a person's rows; ``order`` names the columns that sort an archive."""

    table: Table
    order: tuple[str, ...]
    kept: Kept = Kept.ARCHIVED
    omitted: frozenset[str] = frozenset()
    """Columns that only mean something inside one vault, such as internal numbers."""
    owner_column: str = "owner"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of an archive: the table it belongs to, and its columns as JSON values."""

    table: str
    row: Row


class DerivedData(Protocol):
    """Everything one feature keeps of a person."""

    @property
    def tables(self) -> tuple[OwnedTable, ...]:
        """Every table of the feature that holds rows of a person."""
        ...

    def preview(
        self, tx: Connection, owner: Identifier, memory_ids: Sequence[Identifier]
    ) -> Mapping[str, int]:
        """Return how many copies of these memories there are, by kind, in words."""
        ...

    def erase(self, tx: Connection, owner: Identifier, memory_ids: Sequence[Identifier]) -> None:
        """Remove every copy of these memories and all that follows from them."""
        ...


Preview = Callable[[Connection, Identifier, Sequence[Identifier]], Mapping[str, int]]
Erase = Callable[[Connection, Identifier, Sequence[Identifier]], None]


def _nothing(_tx: Connection, _owner: Identifier, _ids: Sequence[Identifier]) -> dict[str, int]:
    return {}


def _keep(_tx: Connection, _owner: Identifier, _ids: Sequence[Identifier]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Provider:
    """A feature's answer, made of its functions; the default keeps nothing of a memory."""

    tables: tuple[OwnedTable, ...]
    preview: Preview = field(default=_nothing)
    erase: Erase = field(default=_keep)


def export(tx: Connection, owned: OwnedTable, owner: Identifier) -> Iterator[Record]:
    """Yield the rows of ``owner`` as records, in the order of the archive, without their owner."""
    table = owned.table
    left_out = owned.omitted | {owned.owner_column}
    columns = sorted((c for c in table.c if c.name not in left_out), key=lambda c: c.name)
    names = [column.name for column in columns]
    converted = [(c.name, convert) for c in columns if (convert := to_json(c))]
    rows = tx.execute(
        select(*map(bare, columns))
        .where(table.c[owned.owner_column] == owner)
        .order_by(*(table.c[name] for name in owned.order))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for row in rows:
        values = dict(zip(names, row, strict=True))
        for name, convert in converted:
            values[name] = convert(values[name])
        yield Record(table.name, values)


def load(tx: Connection, owned: OwnedTable, owner: Identifier, rows: Sequence[Row]) -> None:
    """Insert archived rows for ``owner``."""
    if rows:
        tx.execute(
            insert(owned.table),
            [{owned.owner_column: owner, **_stored(owned.table, row)} for row in rows],
        )


@dataclass(frozen=True, slots=True)
class Checksum:
    """How many rows a person has in a table, and the digest of all of them."""

    rows: int
    digest: str


def checksum(tx: Connection, owned: OwnedTable, owner: Identifier) -> Checksum:
    """Return the number and the SHA-256 of the archived rows of ``owner``, in their order."""
    digest = hashlib.sha256()
    count = 0
    for record in export(tx, owned, owner):
        digest.update(json_line(record.row))
        count += 1
    return Checksum(count, digest.hexdigest())


def _stored(table: Table, row: Row) -> dict[str, Any]:
    return {name: from_json(table.c[name], value) for name, value in row.items()}
