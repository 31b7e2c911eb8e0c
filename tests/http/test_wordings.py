"""What problems say: nothing of the shell, and nothing of what was sent."""

import inspect
import re
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

import pytest

import mnemosyne.api.app
import mnemosyne.bootstrap  # noqa: F401 - as above
from mnemosyne.http.problems import document_of
from mnemosyne.http.statuses import STATUSES
from mnemosyne.http.wordings import WORDINGS
from mnemosyne.identity.resolving_errors import ErrorType, Problem
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.safekeeping.manifest import Difference

SENT: Final = "zqx-as-it-was-sent"
SHELL: Final = re.compile(r"`?mnemosyne |(?<!\w)--\w")
OURS: Final = frozenset(
    {"why", "reason", "detail", "what", "wanted", "parameter", "scope", "advice", "own", "state"}
    | {"grantable", "formats"}
)
"""Parameters that the code fills with words of its own."""
OF_THEIR_OWN: Final = {
    "problem": Problem(ErrorType.NOT_FOUND, "Said by the node."),
    "differences": (Difference(SENT, SENT, SENT),),
}
HINT: Final = "Run `mnemosyne status --json`."


def classes(base: type[MnemosyneError] = MnemosyneError) -> Iterator[type[MnemosyneError]]:
    for each in base.__subclasses__():
        ours = each.__module__.partition(".")[0] == "mnemosyne"
        if ours and each.code in STATUSES:
            yield each
        yield from classes(each)


def made(kind: type[MnemosyneError]) -> MnemosyneError:
    parameters = inspect.signature(kind).parameters.values()
    given: dict[str, Any] = {
        each.name: value_of(kind, each)
        for each in parameters
        if each.kind not in {each.VAR_KEYWORD, each.VAR_POSITIONAL}
    }
    positional = [given.pop(each.name) for each in parameters if each.kind is each.POSITIONAL_ONLY]
    return kind(*positional, **given)


def value_of(kind: type[MnemosyneError], parameter: inspect.Parameter) -> Any:  # noqa: ANN401
    hint = typing.get_type_hints(kind.__init__).get(parameter.name, parameter.annotation)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if parameter.name in OF_THEIR_OWN:
        return OF_THEIR_OWN[parameter.name]
    wanted = str(hint)
    if parameter.name == "hint":
        return HINT
    if parameter.name in OURS and "str" in wanted:
        return "said by the node"
    for sign, value in (
        ("Path", Path(f"/{SENT}/{SENT}")),
        ("datetime", datetime(2026, 3, 14, tzinfo=UTC)),
        ("tuple", (SENT,)),
        ("Sequence", (SENT,)),
        ("Iterable", (SENT,)),
        ("str", SENT),
        ("bool", False),
        ("int", 7),
        ("float", 7.0),
    ):
        if sign in wanted:
            return value
    return parameter.default


KINDS: Final = sorted(set(classes()), key=lambda each: (each.code, each.__name__))


@pytest.mark.parametrize("kind", KINDS, ids=lambda each: each.__name__)
def test_a_problem_names_operations_and_repeats_nothing(kind: type[MnemosyneError]) -> None:
    document = document_of(made(kind))

    said = " ".join(str(document.get(part, "")) for part in ("title", "detail", "hint"))
    assert not SHELL.search(said)
    assert SENT not in said
    assert document["title"].endswith((".", "!"))


def test_every_wording_is_of_an_error_that_can_be_answered_with() -> None:
    assert set(WORDINGS) <= set(STATUSES)


def test_every_operation_that_is_named_is_there() -> None:
    from tools.api_tables import operations  # noqa: PLC0415 - describes the whole API

    there = {f"{method} {path}" for method, path, _ in operations()}
    hints = " ".join(f"{each.detail} {each.hint}" for each in WORDINGS.values())
    named = set(re.findall(r"(?:GET|POST|PUT|PATCH|DELETE) /v1[\w/{}-]*", hints))

    assert named <= there
