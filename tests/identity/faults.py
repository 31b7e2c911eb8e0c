"""Ways to make a log with one fault: changes before signing, changes afterwards, and their rows."""

import json
from collections.abc import Callable
from typing import Any, Final

from mnemosyne.identity.errors import LogCode
from mnemosyne.kit.canonical_json import canonical_json
from tests.identity.logs import (
    GENESIS,
    SECOND,
    THIRD,
    Raw,
    did_key,
    genesis,
    multikey,
    recover,
    resign,
    update,
)

C = LogCode
Row = tuple[LogCode, str, Callable[[], list[Raw]]]


def put(*path: str | int, to: Any) -> Callable[[Raw], None]:  # noqa: ANN401 - any JSON value
    """Return a change that sets the member at ``path``."""

    def change(value: Any) -> None:  # noqa: ANN401 - any JSON value
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = to

    return change


def drop(*path: str) -> Callable[[Raw], None]:
    """Return a change that deletes the member at ``path``."""

    def change(value: Raw) -> None:
        for step in path[:-1]:
            value = value[step]
        del value[path[-1]]

    return change


def given(to: Any, *names: str) -> Callable[[Raw], None]:  # noqa: ANN401 - any JSON value
    """Return a change that sets parameters."""

    def change(value: Raw) -> None:
        value["parameters"].update(dict.fromkeys(names, to))

    return change


def begun(change: Callable[[Raw], Any], **more: Any) -> Callable[[], list[Raw]]:  # noqa: ANN401
    return lambda: [genesis(change, **more)]


def updated(change: Callable[[Raw], Any], **more: Any) -> Callable[[], list[Raw]]:  # noqa: ANN401
    return lambda: [GENESIS, update(GENESIS, 2, change=change, **more)]


def recovered(change: Callable[[Raw], Any], **more: Any) -> Callable[[], list[Raw]]:  # noqa: ANN401
    return lambda: [GENESIS, SECOND, recover(GENESIS, 50, change=change, **more)]


def proven(change: Callable[[Raw], Any], signer: int = 1) -> Callable[[], list[Raw]]:
    return lambda: [resign(GENESIS, signer, change)]


def with_proof(change: Callable[[Raw], Any]) -> Callable[[], list[Raw]]:
    """Change the finished proof, which nobody signs again."""

    def make() -> list[Raw]:
        value: Raw = json.loads(canonical_json(GENESIS))
        change(value)
        return [value]

    return make


def after(change: Callable[[Raw], Any], number: int = 2) -> Callable[[], list[Raw]]:
    """Change a finished entry without hashing and signing it again."""

    def make() -> list[Raw]:
        values: list[Raw] = json.loads(canonical_json([GENESIS, SECOND, THIRD]))
        change(values[number - 1])
        return values

    return make


def methods(count: int) -> Callable[[Raw], None]:
    def change(value: Raw) -> None:
        did = value["state"]["id"]
        value["state"]["verificationMethod"] = [
            {
                "id": f"{did}#k{n}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multikey(1000 + n),
            }
            for n in range(count)
        ]
        del value["state"]["authentication"], value["state"]["assertionMethod"]

    return change


def services(count: int, endpoint: str = "https://a.example/") -> Callable[[Raw], None]:
    def change(value: Raw) -> None:
        did = value["state"]["id"]
        value["state"]["service"] = [
            {"id": f"{did}#s{n}", "type": "Page", "serviceEndpoint": endpoint} for n in range(count)
        ]

    return change


def mirror_url(length: int) -> str:
    return "https://a.example/".ljust(length, "x")


SMALL_ORDER: Final = (
    "z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj"  # y = 1: checked in test_signing
)
WITNESS_SET: Final[Raw] = {"threshold": 1, "witnesses": [did_key(700), did_key(701)]}
