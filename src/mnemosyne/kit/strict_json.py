"""JSON from strangers: one reading of the bytes, or none.

The standard decoder keeps the last of two members with one name, reads ``NaN``, rounds large
numbers, lets half a character through and recurses as deep as it is told to. Two programs that
differ on any of these see two documents under one signature, so all of it is refused here.
"""

import json
import re
from typing import Any, Final, NoReturn

from mnemosyne.kit.errors import MnemosyneError

LARGEST_INTEGER: Final = 2**53 - 1  # beyond it JavaScript, and RFC 8785, lose whole numbers
_DIGITS: Final = 17  # of the longest integer, its sign included: no need to look at longer ones

# A string, closed or not: brackets inside it do not count.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKETS: Final = b"[]{}"
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_OPENING: Final = frozenset(b"[{")
# A string, or what a value begins or is parted with.
_TOKEN: Final = re.compile(_STRING.pattern + rb"|[\[\]{},]", re.DOTALL)
_BEGINNING: Final = frozenset(b"[{,")
_TOKENS_OF_A_VALUE: Final = 4  # its name, a string or an opening, a closing, a comma


class StrictJsonError(MnemosyneError):
    """Bytes are not JSON that every reader understands alike."""

    code = "strict-json"

    def __init__(self, reason: str, *, limit: bool = False) -> None:
        super().__init__(
            "this is not JSON that every program reads alike",
            why=f"{reason}.",
            hint="Take the file again from its source, as it was written.",
        )
        self.reason = reason
        self.limit = limit
        """Whether it is too large or too deep, rather than malformed."""


def parse(data: bytes, *, largest: int, deepest: int = 16, most: int | None = None) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of ``data``, at most ``largest`` bytes and ``deepest`` levels of nesting.

    ``most`` bounds how many values are in it, which is what reading them costs; None does not.

    Raises:
        StrictJsonError: it is larger or deeper, or holds more values; not UTF-8; not JSON; has a
            member twice, a number that is none or is beyond ±(2^53−1), half a surrogate pair, or
            something behind it.
    """
    if len(data) > largest:
        raise StrictJsonError(f"It has more than {largest:,} bytes", limit=True)
    if most is not None and _has_more(data, most):
        raise StrictJsonError(f"It holds more than {most:,} values", limit=True)
    if _is_deeper(data, deepest):
        raise StrictJsonError(f"It is nested deeper than {deepest} levels", limit=True)
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise StrictJsonError("It is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"{error.msg}, at character {error.pos}") from error
    _refuse_surrogates(value)
    return value


def _has_more(data: bytes, most: int) -> bool:
    """Whether there are more values, counted without reading them, or more tokens than those have.

    An empty list or object counts as two.
    """
    values = 1
    for number, token in enumerate(_TOKEN.finditer(data)):
        values += data[token.start()] in _BEGINNING
        if values > most or number > most * _TOKENS_OF_A_VALUE:
            return True
    return False


def _is_deeper(data: bytes, deepest: int) -> bool:
    """Whether the brackets nest deeper, whatever else the bytes are; none behind is counted."""
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in _OPENING else -1
        if depth > deepest:
            return True
    return False


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("A member stands in an object twice")
    return members


def _integer(text: str) -> int:
    if len(text) > _DIGITS or abs(value := int(text)) > LARGEST_INTEGER:
        raise StrictJsonError("A number is beyond ±(2^53−1)")
    return value


def _decimal(text: str) -> float:
    value = float(text)
    if abs(value) > LARGEST_INTEGER:  # and where it overflowed to infinity
        raise StrictJsonError("A number is beyond ±(2^53−1)")
    # JSON has one kind of number: 3600.0 and 3600 have the same canonical form.
    return int(value) if value.is_integer() else value


def _constant(text: str) -> NoReturn:
    raise StrictJsonError(f"{text} is not a number of JSON")


def _refuse_surrogates(value: object) -> None:
    match value:
        case str():
            if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise StrictJsonError("A text holds half of a surrogate pair")
        case list():
            for item in value:
                _refuse_surrogates(item)
        case dict():
            for name, item in value.items():
                _refuse_surrogates(name)
                _refuse_surrogates(item)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_integer,
    parse_float=_decimal,
    parse_constant=_constant,
)
