"""Take values out of JSON that somebody else wrote: the wrong type counts as absent."""

import hashlib
import math
from collections.abc import Mapping, Sequence

from mnemosyne.kit.text import normalise
from mnemosyne.memories.model import JsonValue

_EXACT = 2**53 - 1  # whole numbers beyond are not the same everywhere
NOTHING: Mapping[str, JsonValue] = {}


def text_of(value: JsonValue) -> str:
    """Return a text as it is, a whole number as its digits, anything else as nothing."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int) else ""


def object_of(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def list_of(value: JsonValue) -> Sequence[JsonValue]:
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else ()


def objects_of(value: JsonValue) -> tuple[Mapping[str, JsonValue], ...]:
    """Return the objects in a list."""
    return tuple(item for item in list_of(value) if isinstance(item, dict))


def clean_text(text: str) -> str:
    """Return ``text`` without what cannot be stored."""
    return normalise(text).text


def key_of(name: str, most: int) -> str:
    """Return ``name`` as a key that can be stored: its digest if it is longer than ``most``."""
    if len(name) > most:
        return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return clean_text(name)


def nested_beyond(value: JsonValue, levels: int) -> bool:
    """Tell whether lists and objects stand inside each other more than ``levels`` deep."""
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(nested_beyond(one, levels - 1) for one in inner)


def clean_object(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return ``value`` as it can be stored and signed: see :func:`clean_value`."""
    return {clean_text(key): clean_value(inner) for key, inner in value.items()}


def clean_value(value: JsonValue) -> JsonValue:
    """Replace what canonical JSON cannot hold (RFC 8785): NaN, endless and very large numbers."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return clean_object(value)
    return [clean_value(inner) for inner in value]
