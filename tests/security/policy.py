"""How an operation is called and whom it may admit, said here a second time and independently.

A name in braces within a path, a query, a header or a body is a row of whoever owns what is asked
for: the matrix puts Ada's in, or one that does not exist. ``{own_…}`` is the caller's own, and
``{key}`` a fresh idempotency key.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from mnemosyne.kit.principal import Scope

PLACE: Final = re.compile(r"\{([a-z_]+)\}")
KEY: Final = "key"
VARIANT: Final = " with "
"""Between the name of an operation and another way to call it."""


class Whom(Enum):
    """Whom an operation admits that needs no scope."""

    ANYBODY = "anybody"
    ANY_CREDENTIAL = "whoever is admitted, with whatever credential"
    RECOVERING = "whoever signed in, also with a recovery code; no token"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, with the names of rows in braces."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes = b""

    @property
    def rows(self) -> frozenset[str]:
        """Return which rows it names."""
        text = f"{self.target} {dict(self.headers)} {self.body}"
        return frozenset(PLACE.findall(text)) - {KEY}


Ceremony = Callable[..., Awaitable[Any]]
Before = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: whom it admits, what a valid request looks like, what the owner is answered.

    ``path`` says which row stands for a parameter of the path, where it is not called like it.
    ``session_only`` says that no script may, whatever it carries. ``carries`` is the scope by which
    a script finds what it asks for where the document asks none of it.
    ``ceremony`` makes a request that can be made only once, for the test that it works at all.
    ``alone`` says that it ends or changes whoever calls it: somebody new does.
    ``before`` is what somebody new has done already.
    ``shared`` says that its answer is not the owner's alone, or tells nothing, and why.
    """

    whom: Scope | Whom
    step_up: bool = False
    session_only: bool = False
    carries: Scope | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes = b""
    ceremony: Ceremony | None = None
    status: int = 200
    alone: bool = False
    before: Before | None = None
    shared: str = ""

    def call(self, method: str, template: str) -> Call:
        """Return the request that calls the operation at a path of the document."""
        target = PLACE.sub(lambda found: f"{{{self.path.get(found[1], found[1])}}}", template)
        return Call(method, target + self.query, self.headers, self.body, self.raw)


def filled(value: Any, rows: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with rows in place of their names."""
    match value:
        case str():
            return PLACE.sub(lambda found: rows[found[1]], value)
        case Mapping():
            return {name: filled(each, rows) for name, each in value.items()}
        case list():
            return [filled(each, rows) for each in value]
        case _:
            return value
