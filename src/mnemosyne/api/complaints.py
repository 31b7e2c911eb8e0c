"""Where a request differs from its schema, in plain sentences that repeat nothing of it.

What a validator says is for programmers of this program: it names its own types and patterns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from mnemosyne.api.file_names import FILE_NAME
from mnemosyne.api.schemas import IDENTIFIER
from mnemosyne.http.problems import problem

MOST: Final = 20
_VALUE_ERROR: Final = "Value error, "
_OTHERWISE: Final = "It does not fit what the reference says of it."
_UNKNOWN: Final = "It is not known here."
_PRIVATE: Final = frozenset({"tag", "person", "tags", "name"})
_PLAIN: Final[Mapping[str, str]] = {
    "missing": "It is missing.",
    "string_type": "It is not a text.",
    "int_type": "It is not a whole number.",
    "int_parsing": "It is not a whole number.",
    "int_from_float": "It is not a whole number.",
    "int_parsing_size": "It has too many digits.",
    "float_type": "It is not a number.",
    "float_parsing": "It is not a number.",
    "finite_number": "It is not a number that JSON has.",
    "bool_type": "It is neither true nor false.",
    "bool_parsing": "It is neither true nor false.",
    "list_type": "It is not a list.",
    "dict_type": "It is not an object.",
    "model_type": "It is not an object.",
    "model_attributes_type": "It is not an object.",
    "union_tag_not_found": "It does not say of which kind it is.",
}
_PATTERNS: Final[Mapping[str, str]] = {
    IDENTIFIER: "It is not an identifier, which has 32 hexadecimal digits in lower case.",
    r"\S": "It is white space alone.",
    FILE_NAME: "It is not written as a file name is sent: percent-encode it (Z%C3%BCrich.md), and "
    "let no part of it begin with a dot.",
    r"^[A-Za-z0-9_-]+$": "It has characters that do not belong there; take it over whole.",
    r"^[!-~]{1,100}$": "It is not 1 to 100 visible characters of ASCII.",
}
_LIMITS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "string_too_short": lambda c: _at_least(c["min_length"], "characters"),
    "string_too_long": lambda c: f"It has more than {c['max_length']:,} characters.",
    "too_short": lambda c: _at_least(c["min_length"], "items"),
    "too_long": lambda c: f"It has more than {c['max_length']:,} items.",
    "greater_than_equal": lambda c: f"It is less than {_number(c['ge'])}.",
    "greater_than": lambda c: f"It is not more than {_number(c['gt'])}.",
    "less_than_equal": lambda c: f"It is more than {_number(c['le'])}.",
    "less_than": lambda c: f"It is not less than {_number(c['lt'])}.",
    "enum": lambda c: f"It is not one of {_listed(c['expected'])}.",
    "literal_error": lambda c: f"It is not one of {_listed(c['expected'])}.",
    "union_tag_invalid": lambda c: f"Its kind is not one of {_listed(c['expected_tags'])}.",
    "string_pattern_mismatch": lambda c: _PATTERNS.get(c["pattern"], _OTHERWISE),
}


def complaints(
    errors: Iterable[Mapping[str, Any]], below: Sequence[str | int] = ()
) -> list[dict[str, str]]:
    """Return each place as a JSON pointer with a message; ``below`` is where the errors are."""
    found = []
    for error in errors:
        place = [*below, *error["loc"]]
        found.append({"pointer": pointer(place), "message": _sentence(error, place)})
    return found[:MOST]


def invalid(errors: list[dict[str, str]]) -> dict[str, Any]:
    """Return the problem that says so."""
    title = "The request does not fit what the operation takes."
    return problem(422, "invalid-request", title, errors=errors)


def pointer(location: Sequence[Any]) -> str:
    """Return where in the request it is, as a JSON pointer."""
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _sentence(error: Mapping[str, Any], place: Sequence[Any]) -> str:
    kind = str(error["type"])
    if kind == "extra_forbidden":
        return _unknown(place)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _LIMITS:
        return _LIMITS[kind](error["ctx"])
    if kind == "value_error":  # raised by us, with words of ours
        said = str(error["msg"]).removeprefix(_VALUE_ERROR).rstrip(".")
        return f"{said[:1].upper()}{said[1:]}."
    return _OTHERWISE


def _unknown(place: Sequence[Any]) -> str:
    if place[0] == "query" and place[-1] in _PRIVATE:
        return f"{_UNKNOWN} Words of a person stay out of addresses: send them to POST /v1/list."
    return _UNKNOWN


def _at_least(least: int, what: str) -> str:
    return "It is empty." if least == 1 else f"It has fewer than {least:,} {what}."


def _number(limit: float) -> str:
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:g}"


def _listed(expected: object) -> str:
    return str(expected).replace("'", "`")
