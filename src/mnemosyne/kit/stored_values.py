"""Between what stands in a column of the database and the JSON value that stands for it.

Rows are read as the driver gives them: the types of a hundred thousand rows are worked out once
for each column rather than once for each value.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    LargeBinary,
    type_coerce,
)
from sqlalchemy.types import NullType

from mnemosyne.kit.database import UtcDateTime

ToJson = Callable[[Any], Any]

# What a JSON value has to be, by the type of its column; a text everywhere else.
_KINDS: Final[tuple[tuple[type[Any], Any], ...]] = (
    (JSON, object),
    (Boolean, bool),
    (Float, int | float),
    (Integer, int),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def bare(column: Column[Any]) -> ColumnElement[Any]:
    """Return ``column`` as it is selected without a look at its type."""
    return type_coerce(column, NullType()).label(column.name)


def to_json(column: Column[Any]) -> ToJson | None:
    """Return what makes a JSON value of a stored one, None where they are the same."""
    match column.type:
        case LargeBinary():
            return _unless_none(lambda stored: base64.b64encode(stored).decode("ascii"))
        case UtcDateTime():
            return _unless_none(
                lambda stored: (_EPOCH + timedelta(microseconds=stored)).isoformat()
            )
        case JSON():
            # SQLite keeps a JSON text that is a bare number as that number.
            return lambda stored: json.loads(stored) if isinstance(stored, str) else stored
        case Boolean():
            return _unless_none(bool)
        case _:
            return None


def from_json(column: Column[Any], value: Any) -> Any:  # noqa: ANN401 - a column's value
    """Return what SQLAlchemy stores for a JSON value; SQLite itself takes any type in any column.

    Raises:
        ValueError, TypeError: it is none of this column.
    """
    if value is None:
        return None
    kind = next((kind for of, kind in _KINDS if isinstance(column.type, of)), str)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        message = f"a value of another type: {type(value).__name__}"
        raise TypeError(message)
    match column.type:
        case LargeBinary():
            return base64.b64decode(value, validate=True)
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case _:
            return value


def _unless_none(convert: ToJson) -> ToJson:
    return lambda stored: None if stored is None else convert(stored)
