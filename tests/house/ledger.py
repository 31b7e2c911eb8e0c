"""Compare ``docs/requirements.toml`` with the tests that claim to prove its rows."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


def citations(tests: Path) -> dict[str, str]:
    """Return each id named by ``requirement(...)`` below ``tests``, with one place that names it.

    Raises:
        ValueError: a call names something other than literal ids, which nobody could look up.
    """
    return {
        identifier: f"{path.relative_to(tests.parent)}:{line}"
        for path in sorted(tests.rglob("*.py"))
        for identifier, line in _cited_in(path)
    }


def _cited_in(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if not isinstance(node, ast.Call) or not _is_requirement(node.func):
            continue
        for argument in node.args:
            match argument:
                case ast.Constant(value=str(identifier)):
                    yield identifier, node.lineno
                case _:
                    message = f"{path}:{node.lineno}: name the requirement by a literal id"
                    raise ValueError(message)


def _is_requirement(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "requirement"


def row_problems(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is malformed in the ledger itself."""
    counted = Counter(row.get("id", "(no id)") for row in rows)
    problems = [f"{name} stands {n} times" for name, n in counted.items() if n > 1]
    for row in rows:
        name = row.get("id", "(no id)")
        if not row.get("sentence"):
            problems.append(f"{name} has no sentence")
        match row.get("status"):
            case "kept":
                pass
            case "planned" if row.get("issue"):
                pass
            case "deferred" if row.get("reason"):
                pass
            case "planned":
                problems.append(f"{name} is planned, but for which issue?")
            case "deferred":
                problems.append(f"{name} is deferred, but why?")
            case other:
                problems.append(f"{name} has the status {other!r}")
    return problems


def mismatches(rows: Sequence[Mapping[str, Any]], cited: Mapping[str, str]) -> list[str]:
    """Return kept rows that no test names, and tests that name no kept row."""
    status = {row["id"]: row["status"] for row in rows}
    unproven = [
        f"{name} is kept, and no test names it"
        for name, state in status.items()
        if state == "kept" and name not in cited
    ]
    unfounded = [
        f"{place} names {name}, which is {status.get(name, 'unknown')}"
        for name, place in cited.items()
        if status.get(name) != "kept"
    ]
    return unproven + unfounded
