"""The OpenAPI document as a person reads it: nouns, operations, fields; values without markup."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

JSON: Final = "application/json"
_CODES: Final = re.compile(r"`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*")
# What FastAPI writes where nothing was said.
_UNTOLD: Final = "Successful Response"
_MANY: Final = 3
"""What more than a third of the operations can answer with is told once for all of them."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a member of a body: its name, its type in words, and what it is."""

    name: str
    place: str
    type: str
    links: Sequence[str]
    """The schemas that ``type`` names."""
    required: bool
    about: str
    default: str = ""
    """What it is when nothing is said, as JSON; empty where that means nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers with when it is not refused."""

    status: str
    about: str
    type: str
    links: Sequence[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    admits: str
    step_up: bool
    fields: Sequence[Field]
    answers: Sequence[Answer]
    refusals: Sequence[str]
    """The codes of the problems that it can answer with."""


@dataclass(frozen=True, slots=True)
class Noun:
    """The operations on one kind of thing."""

    name: str
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Schema:
    """A shape that several operations send or take."""

    name: str
    about: str
    fields: Sequence[Field]
    values: Sequence[str]


def nouns_of(document: Document) -> Sequence[Noun]:
    """Return every operation, by noun, in the order of the document."""
    shapes = document.get("components", {}).get("schemas", {})
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                stated = methods[method]
                noun = (stated.get("tags") or ["other"])[0]
                made = _operation(method, path, stated, shapes)
                found.setdefault(noun, []).append(made)
    return [Noun(name, operations) for name, operations in found.items()]


def common_of(nouns: Sequence[Noun]) -> Sequence[str]:
    """Return the codes with which so many operations can answer that each names only the others."""
    operations = [operation for noun in nouns for operation in noun.operations]
    counted = Counter(code for operation in operations for code in operation.refusals)
    return sorted(code for code, times in counted.items() if times * _MANY > len(operations))


def schemas_of(document: Document) -> Sequence[Schema]:
    """Return the shapes that the document names, by name."""
    stated = document.get("components", {}).get("schemas", {})
    return [_schema(name, stated[name]) for name in sorted(stated)]


def _operation(method: str, path: str, stated: Document, shapes: Document) -> Operation:
    responses = sorted(stated.get("responses", {}).items())
    codes = {status: _codes(each) for status, each in responses}
    return Operation(
        id=stated["operationId"],
        method=method.upper(),
        path=path,
        summary=stated.get("summary", ""),
        about=stated.get("description", ""),
        admits=_admits(stated.get("security", [])),
        step_up=bool(stated.get("x-step-up", False)),
        fields=[*_parameters(stated), *_members_of_body(stated, shapes)],
        answers=[_answer(*each) for each in responses if not codes[each[0]]],
        refusals=[code for _, each in sorted(codes.items()) for code in each],
    )


def _admits(security: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """Return in words who may call."""
    if not security:
        return "Anybody."
    ways = {name: scopes for each in security for name, scopes in each.items()}
    who = "A session or a token" if "token" in ways else "A session"
    scopes = sorted({scope for each in ways.values() for scope in each})
    asked = f"{who} with {', '.join(scopes)}" if scopes else who
    return f"{asked}." if "token" in ways else f"{asked}; no token."


def _parameters(stated: Document) -> Iterator[Field]:
    for each in stated.get("parameters", []):
        words, links = _type(each.get("schema", {}))
        about = each.get("description") or each.get("schema", {}).get("description", "")
        needed, otherwise = each.get("required", False), _default(each.get("schema", {}))
        yield Field(each["name"], each["in"], words, links, needed, about, otherwise)


def _members_of_body(stated: Document, shapes: Document) -> Iterator[Field]:
    """Yield what a body holds: the members of the shape it is, or a body of another kind whole."""
    body = stated.get("requestBody", {})
    for media_type, content in body.get("content", {}).items():
        schema = content.get("schema", {})
        shape = shapes.get(str(schema.get("$ref", "")).rpartition("/")[2], {})
        if shape.get("properties"):
            yield from _members(shape, "body")
        else:
            words = media_type if media_type != JSON else _type(schema)[0]
            about = body.get("description", "") or schema.get("description", "")
            yield Field("", "body", words, [], body.get("required", False), about)


def _members(shape: Document, place: str) -> Iterator[Field]:
    required = set(shape.get("required", []))
    for name, each in shape.get("properties", {}).items():
        about, otherwise = each.get("description", ""), _default(each)
        yield Field(name, place, *_type(each), name in required, about, otherwise)


def _default(schema: Document) -> str:
    """Return what stands for something that is left out; null says that it is just not there."""
    stated = schema.get("default")
    return "" if stated in (None, "", [], {}) else json.dumps(stated, ensure_ascii=False)


def _codes(response: Document) -> Sequence[str]:
    """Return the codes that the description of a response names, if it is one of problems."""
    about = str(response.get("description", ""))
    named = _CODES.fullmatch(about)
    return [part.strip("`") for part in about.split(", ")] if named else []


def _answer(status: str, stated: Document) -> Answer:
    about = str(stated.get("description", ""))
    content = stated.get("content", {})
    media_type = next(iter(content), "")
    words, links = _type(content.get(media_type, {}).get("schema", {}))
    if media_type and media_type != JSON:
        words, links = media_type, []
    told = "" if about == _UNTOLD else about
    return Answer(status, told, words if content else "", links)


def _schema(name: str, stated: Document) -> Schema:
    values = [str(value) for value in stated.get("enum", [])]
    return Schema(name, stated.get("description", ""), list(_members(stated, "")), values)


def _type(schema: Document) -> tuple[str, Sequence[str]]:
    """Return a type in words, and the schemas that it names."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return name, [name]
    for key in ("anyOf", "oneOf"):
        if parts := schema.get(key):
            read = [_type(part) for part in parts]
            return " or ".join(words for words, _ in read), [n for _, names in read for n in names]
    if "const" in schema:
        return repr(schema["const"]), []
    if "enum" in schema:
        return " or ".join(repr(value) for value in schema["enum"]), []
    if schema.get("type") == "array":
        words, links = _type(schema.get("items", {}))
        return f"list of {words}{_limits(schema)}", links
    return f"{_plain(schema)}{_limits(schema)}", []


def _plain(schema: Document) -> str:
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words}, {schema['format']}" if "format" in schema else words


def _limits(schema: Document) -> str:
    stated = [
        _range(schema.get("minLength"), schema.get("maxLength"), " characters"),
        _range(schema.get("minimum"), schema.get("maximum"), ""),
        _range(schema.get("minItems"), schema.get("maxItems"), ""),
        f"as {schema['pattern']}" if "pattern" in schema else "",
    ]
    return "".join(f", {words}" for words in stated if words)


def _range(least: float | None, most: float | None, unit: str) -> str:
    """Return in words from where to where something goes; nothing for no limit."""
    if least is not None and most is not None:
        return f"{least:g} to {most:g}{unit}"
    if least is not None:
        return f"{least:g}{unit} or more"
    return "" if most is None else f"{most:g}{unit} at most"
